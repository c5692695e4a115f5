// What training asks of a level: the recurrent layers and the gated products of a step, forward and backward.
#pragma once

#include "core.h"

namespace yq {

// Elements in float32 or bfloat16 (`kind`), `stride` elements from one token to the next.
struct Values {
    void *data;
    int64_t stride;
};

struct DeltaPass {
    int kind;
    int64_t num_keys, num_values;  // heads
    int64_t key_size, value_size;
    const int32_t *offsets;  // where each sequence begins, and where the last one ends
    int64_t num_sequences;
    Values q, k, v;  // (T, M, H), (T, M, H), (T, N, P)
    const float *decay, *beta;  // (T, N)
    float *rest;  // (T, N, P) v - S^T k, what a change is made of
    float *states;  // (chunks, N, H, P), before each chunk
    Values out;  // (T, N, P)
};

struct DeltaGradients {
    Values out, q, k, v;  // of out given, of q, k, v to be found
    float *decay, *beta;  // (T, N), of the logarithm of decay
};

constexpr int64_t DELTA_CHUNK = 32;  // tokens between kept states

static inline int64_t delta_scratch(const DeltaPass &d) {
    const int64_t h = d.key_size, p = d.value_size, group = d.num_values / d.num_keys;
    return DELTA_CHUNK * (h * p + 4 * h) + (2 * group + 1) * h * p + 4 * (h + p);
}

struct TrainingKernels {
    // Of channels [16 block, 16 block + 16).
    void (*conv_forward)(int kind, Values x, const float *weight, int width, const int32_t *offsets,
                         int64_t num_sequences, int64_t block, Values y);
    void (*conv_backward)(int kind, Values x, const float *weight, int width, const int32_t *offsets,
                          int64_t num_sequences, int64_t block, Values dy, Values dx, float *dweight);
    // Of the value heads of one key head.
    void (*delta_forward)(const DeltaPass &delta, int64_t key_head, float *scratch);
    void (*delta_backward)(const DeltaPass &delta, const DeltaGradients &gradients, int64_t key_head, float *scratch);
    // Of rows [first, last) of `width`; `dweight` is added to.
    void (*gated_norm_forward)(int kind, const void *x, const void *gate, const float *weight, float eps,
                               int64_t width, int64_t first, int64_t last, void *y);
    void (*gated_norm_backward)(int kind, const void *x, const void *gate, const float *weight, float eps,
                                int64_t width, int64_t first, int64_t last, const void *dy, void *dx, void *dgate,
                                float *dweight);
    void (*norm_forward)(int kind, const void *x, const float *weight, float centre, float eps, int64_t width,
                         int64_t first, int64_t last, void *y);
    void (*norm_backward)(int kind, const void *x, const float *weight, float centre, float eps, int64_t width,
                          int64_t first, int64_t last, const void *dy, void *dx, float *dweight);
    void (*swiglu_forward)(int kind, const void *both, const float *scale, int64_t width, int64_t first,
                           int64_t last, void *y);
    void (*swiglu_backward)(int kind, const void *both, const float *scale, int64_t width, int64_t first,
                            int64_t last, const void *dy, void *dboth, float *dscale);
};

const TrainingKernels &training_kernels();

}  // namespace yq
