/* The native core: packed weights, and recorded steps replayed without Python. Plain C; nothing here knows torch.

   Shapes: T tokens of a step, S sequences, D hidden, N query heads, K kv heads, H head dimension, V vocabulary.
   Activations are float32, row-major, with a stride in elements between rows. Every kernel computes 16 lanes by the
   same operations in the same order at every level (scalar, AVX2, AVX-512), and a row by itself: its bits depend
   neither on the machine nor on its company. */
#ifndef YUNQI_NATIVE_H
#define YUNQI_NATIVE_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define YQ_API __declspec(dllexport)
#else
#define YQ_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define YQ_VERSION 8
#define YQ_TILE 16      /* output rows whose weights are interleaved */
#define YQ_BLOCK 16     /* tokens of a block of cache */
#define YQ_MAX_GROUP 4  /* matrices of one linear op */
#define YQ_MAX_INPUTS 5

/* A weight of the last two is its scale times (integer - zero point); elsewhere the zero point is 128 or 8. */
enum yq_kind { YQ_F32 = 0, YQ_BF16 = 1, YQ_INT8 = 2, YQ_INT4 = 3, YQ_INT8_ZEROS = 4, YQ_INT4_ZEROS = 5 };
/* Functions that return an int to say how it went give 0, or this where memory or threads ran out; those that make
   something give null then. */
#define YQ_NO_MEMORY (-2)

enum yq_level { YQ_SCALAR = 0, YQ_AVX2 = 1, YQ_AVX512 = 2, YQ_NEON = 3 };
enum yq_code {
    YQ_EMBED = 0,
    YQ_ROPE = 1,
    YQ_ADD_NORM = 2,
    YQ_LINEAR = 3,
    YQ_HEADS = 4, /* norm, rotation and cache write of q, k and v */
    YQ_ATTENTION = 5,
    YQ_SWIGLU = 6,
    YQ_GATHER = 7,
    YQ_MOE = 8,
    YQ_CONV = 9,
    YQ_DELTA = 10,
    YQ_GATED_NORM = 11,
    YQ_SIGMOID_MUL = 12,
};

/* A packed matrix (rows x columns): `data` as `yq_pack` or `yq_pack_groups` wrote it. `group`: columns that share a scale,
   and a zero point where there are any (int8, int4). Tiles of 16 rows lie one after the other; then, from a multiple of
   64 bytes on, the scales of all tiles, halves, 16 for each group; then the zero points, bytes, in the same order. */
typedef struct {
    int32_t kind, group;
    int64_t rows, columns;
    const uint8_t *data;
} yq_matrix;

/* Rows of `width` elements, `stride` elements apart: runs of `run` elements that begin `gap` elements apart. */
typedef struct {
    const float *data;
    int64_t stride, gap;
    int32_t width, run;
} yq_rows;

/* One op. Which fields it reads stands in program.cpp beside it. */
typedef struct {
    int32_t code, count;
    yq_matrix matrix[YQ_MAX_GROUP];
    const float *bias[YQ_MAX_GROUP];
    float *out[YQ_MAX_GROUP];
    int64_t out_stride[YQ_MAX_GROUP];
    yq_rows in[YQ_MAX_INPUTS];
    const float *weight[2];
    /* The cache of a layer. Key `block_stride` blocks and `head_stride` heads on, in elements, are (H, 16), of bf16 in
       pairs of H; values (16, H). Of int8, where an element is a byte, keys are bytes (value + 128) in fours of H, and the
       16 float32 scales of the block's tokens come after them. */
    void *key, *value;
    int64_t block_stride, head_stride;
    /* The recurrent state of a layer, float32, and the elements of a slot. */
    float *state;
    int64_t slot_stride;
    const yq_matrix *experts; /* gate, up and down of each expert, those of a shared one last */
    int32_t num_experts, num_chosen, has_shared, normalise;
    int32_t cache_kind;
    int32_t width; /* D, F, P of a value head or, for heads and rotations, R pairs */
    int32_t num_heads, num_kv_heads, head_dim, window, over_logits;
    int32_t log_length; /* L > 1: queries at position p are multiplied by max(1, log(p + 1) / log(L)) */
    float eps, scale;
} yq_op;

/* What a replay is told. Arrays are read only while it runs. */
typedef struct {
    int64_t num_tokens, num_seqs, num_logits;
    const int64_t *ids, *positions, *slots, *logit_rows;
    const int32_t *offsets, *lengths, *tables;
    int64_t table_width;
    const int32_t *state_slots;
    const float *frequencies; /* (S, R), where each sequence rotates by its own; else null */
} yq_step;

typedef struct yq_team yq_team;
typedef struct yq_program yq_program;

YQ_API int yq_version(void);
YQ_API int yq_best_level(void);
YQ_API int yq_level(void);
YQ_API int yq_has_level(int level);
/* Use another level than the best; -1 where this machine cannot. */
YQ_API int yq_set_level(int level);

YQ_API yq_team *yq_team_new(int num_threads);
YQ_API void yq_team_free(yq_team *team);

YQ_API size_t yq_packed_bytes(int kind, int64_t rows, int64_t columns, int group);
/* `source` holds rows `first` to `first + count` of a matrix (rows, columns), float32 or bfloat16 as `source_kind` says;
   parts begin at multiples of 16 rows. 0, -1 for a shape that cannot be, or YQ_NO_MEMORY. */
YQ_API int yq_pack(yq_team *team, int kind, int group, int64_t rows, int64_t columns, int64_t first, int64_t count,
                   const void *source, int source_kind, uint8_t *target);
/* The same for a whole int8 or int4 matrix from integers: a row is `row_bytes` bytes, each one column (value + 128) or
   two (value + 8, the first in the low nibble). `scales`: halves, (rows, groups), the last group maybe shorter; `zeros`:
   bytes of the same shape, which the kinds with zero points read, and take from the integers in place of 128 or 8. */
YQ_API int yq_pack_groups(yq_team *team, int kind, int group, int64_t rows, int64_t columns, const uint8_t *source,
                          int64_t row_bytes, const uint16_t *scales, const uint8_t *zeros, uint8_t *target);
/* A number that any change of the bytes changes, all but surely; for damage, not for malice. */
YQ_API uint64_t yq_checksum(const uint8_t *data, size_t size);
/* Rows `first` to `first + count` of a packed matrix as float32. */
YQ_API void yq_unpack(const yq_matrix *matrix, int64_t first, int64_t count, float *target);

YQ_API yq_program *yq_program_new(const yq_op *ops, int count, int64_t max_tokens);
YQ_API void yq_program_free(yq_program *program);
YQ_API int yq_program_run(const yq_program *program, yq_team *team, const yq_step *step);

/* y = x W^T + b by itself, for tests: x (T, columns), y (T, rows). */
YQ_API int yq_linear(yq_team *team, const yq_matrix *matrix, const float *bias, const float *x, int64_t rows, float *y);

/* Training: the ops of a step with recurrent layers and experts, forward and backward. Elements are float32 or
   bfloat16 as `kind` says (YQ_F32, YQ_BF16) and computed with in float32; all else is float32. Sizes of heads, channels
   and widths are multiples of 16. `offsets`: where each of `num_seqs` sequences begins, and where the last one ends. */

/* silu of a convolution of each channel over its own last `width` tokens (at most 8): x, y (T, channels), weight
   (channels, width). */
YQ_API int yq_conv_forward(yq_team *team, int kind, const void *x, const float *weight, int64_t channels, int width,
                           const int32_t *offsets, int64_t num_seqs, void *y);
YQ_API int yq_conv_backward(yq_team *team, int kind, const void *x, const float *weight, int64_t channels, int width,
                            const int32_t *offsets, int64_t num_seqs, const void *dy, void *dx, float *dweight);

/* The gated delta rule of M key heads of size H and N value heads of size P. q, k (T, M, H) and v (T, N, P), a token
   `stride` elements after the other; decay and beta (T, N). The forward way leaves `out` (T, N, P) and what the way back
   needs: `rest` (T, N, P), and `states` (chunks, N, H, P). */
typedef struct {
    int32_t kind;
    int64_t num_keys, num_values, key_size, value_size;
    const int32_t *offsets;
    int64_t num_seqs;
    void *q, *k, *v;
    int64_t q_stride, k_stride, v_stride;
    const float *decay, *beta;
    float *rest, *states;
    void *out;
} yq_delta;
/* Of `out` (T, N, P) given; q, k, v with `stride`, the logarithm of decay and beta found. */
typedef struct {
    const void *out;
    void *q, *k, *v;
    int64_t stride;
    float *decay, *beta;
} yq_delta_gradients;
YQ_API int64_t yq_delta_chunks(const int32_t *offsets, int64_t num_seqs);
YQ_API int yq_delta_forward(yq_team *team, const yq_delta *delta);
YQ_API int yq_delta_backward(yq_team *team, const yq_delta *delta, const yq_delta_gradients *gradients);

/* weight * x / rms(x) * silu(gate) of rows (rows, width). */
YQ_API int yq_gated_norm_forward(yq_team *team, int kind, const void *x, const void *gate, const float *weight,
                                 float eps, int64_t rows, int64_t width, void *y);
YQ_API int yq_gated_norm_backward(yq_team *team, int kind, const void *x, const void *gate, const float *weight,
                                  float eps, int64_t rows, int64_t width, const void *dy, void *dx, void *dgate,
                                  float *dweight);

/* (weight + centre) * x / rms(x) of rows. */
YQ_API int yq_norm_forward(yq_team *team, int kind, const void *x, const float *weight, float centre, float eps,
                           int64_t rows, int64_t width, void *y);
YQ_API int yq_norm_backward(yq_team *team, int kind, const void *x, const float *weight, float centre, float eps,
                            int64_t rows, int64_t width, const void *dy, void *dx, float *dweight);

/* scale * silu(gate) * up of rows; `both` (rows, 2 width) is gate and then up, scale (rows). */
YQ_API int yq_swiglu_forward(yq_team *team, int kind, const void *both, const float *scale, int64_t rows,
                             int64_t width, void *y);
YQ_API int yq_swiglu_backward(yq_team *team, int kind, const void *both, const float *scale, int64_t rows,
                              int64_t width, const void *dy, void *dboth, float *dscale);

#ifdef __cplusplus
}
#endif
#endif
