// What the files of the core share: small conversions, the table of a level's kernels, and the team of threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <vector>

#include "../yunqi_native.h"

namespace yq {

static inline float half_to_float(uint16_t h) {
    uint32_t sign = uint32_t(h & 0x8000) << 16, exponent = (h >> 10) & 31, fraction = h & 1023, bits;
    if (exponent == 0) {  // zero or subnormal: fraction * 2^-24
        float x = float(fraction) * 5.9604644775390625e-8f;
        memcpy(&bits, &x, 4);
        bits |= sign;
    } else if (exponent == 31) {
        bits = sign | 0x7f800000 | (fraction << 13);
    } else {
        bits = sign | ((exponent + 112) << 23) | (fraction << 13);
    }
    float x;
    memcpy(&x, &bits, 4);
    return x;
}

// To the nearest, ties to even; what is too large becomes the largest finite half.
static inline uint16_t float_to_half(float x) {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    uint16_t sign = uint16_t((bits >> 16) & 0x8000);
    float size = __builtin_fabsf(x);
    if (!(size < 65504.0f)) return uint16_t(sign | (size != size ? 0x7e00 : 0x7bff));
    if (size < 6.103515625e-5f)  // a subnormal half counts units of 2^-24
        return uint16_t(sign | uint16_t(__builtin_rintf(size * 16777216.0f)));
    bits &= 0x7fffffff;
    uint32_t rounded = bits + 0xfff + ((bits >> 13) & 1);
    return uint16_t(sign | ((rounded >> 13) - (112u << 10)));
}

static inline uint16_t float_to_bf16(float x) {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    if ((bits & 0x7fffffff) > 0x7f800000) return uint16_t((bits >> 16) | 64);  // not a number
    return uint16_t((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

static inline float bf16_to_float(uint16_t h) {
    uint32_t bits = uint32_t(h) << 16;
    float x;
    memcpy(&x, &bits, 4);
    return x;
}

static inline int64_t round_up(int64_t n, int64_t unit) { return (n + unit - 1) / unit * unit; }

static inline bool is_int4(int kind) { return kind == YQ_INT4 || kind == YQ_INT4_ZEROS; }
static inline bool is_integer(int kind) { return kind >= YQ_INT8 && kind <= YQ_INT4_ZEROS; }
static inline bool has_zeros(int kind) { return kind == YQ_INT8_ZEROS || kind == YQ_INT4_ZEROS; }

// How a packed matrix lies: tiles of 16 rows one after the other, then the scales of all tiles (int8 and int4), then their
// zero points where there are any.
//   f32: per tile and column 16 floats. bf16: per tile and pair of columns 16 pairs.
//   int8: per tile and 4 columns 16 x 4 bytes, value + 128. int4: per tile and 8 columns 16 x 4 bytes, the low
//   nibbles columns 0 to 3 and the high ones 4 to 7, value + 8. A scale is a half, a zero point a byte: per tile and group 16.
struct Layout {
    int64_t tiles, columns, tile_bytes, scale_offset, zero_offset, total;
    Layout(int kind, int64_t rows, int64_t wanted, int group) {
        tiles = round_up(rows, YQ_TILE) / YQ_TILE;
        columns = round_up(wanted, is_integer(kind) ? group : 2);
        int64_t bits = kind == YQ_F32 ? 32 : kind == YQ_BF16 ? 16 : is_int4(kind) ? 4 : 8;
        tile_bytes = columns * YQ_TILE * bits / 8;
        scale_offset = round_up(tiles * tile_bytes, 64);
        int64_t scales = is_integer(kind) ? tiles * (columns / group) * YQ_TILE : 0;
        zero_offset = scale_offset + scales * 2;
        total = zero_offset + (has_zeros(kind) ? scales : 0);
    }
};

// Rows of activations as int8 in groups; of a group one scale, and in `sums` -8 times the sum of its values: what the
// offset of int4 weights adds to a product, taken back.
struct Quantised {
    int8_t *values;
    float *scales;
    int32_t *sums;
    int64_t columns, groups;  // of a row
};

struct Heads {  // one head of a token
    const float *norm;
    float eps;
    int size, half;
};

// The cache of one kv head: how large an element is, and where in a block of int8 the scales of its tokens stand.
static inline int64_t cache_element(int kind) { return kind == YQ_F32 ? 4 : kind == YQ_BF16 ? 2 : 1; }
static inline int64_t cache_scales(int head_dim) { return int64_t(YQ_BLOCK) * head_dim; }

struct AttentionShape {
    int num_heads, num_kv_heads, head_dim, window, cache_kind;
    float scale;
    const uint8_t *key, *value;
    int64_t block_stride, head_stride;  // in elements
};

// Rows that meet a matrix: `x` with a stride, and the same quantised. Row i is row index[first + i], or first + i.
struct Rows {
    const float *x;
    int64_t stride;
    Quantised q;
    int64_t first = 0;
    const int32_t *index = nullptr;
    int64_t at(int64_t i) const { return index ? index[first + i] : first + i; }
};

// A convolution of `width` channels over the tokens of a sequence; weights and tail are (taps, channels) and
// (taps - 1, channels), with `channels` between their rows.
struct Conv {
    const float *x;
    int64_t x_stride, tokens;
    const float *weight;
    float *tail;
    int64_t channels;
    int taps, width;
    float *out;
    int64_t out_stride;
};

// The delta rule of one value head over the tokens of a sequence; state (key_size, columns).
struct Delta {
    const float *q, *k;
    int64_t key_stride;
    const float *v;
    int64_t value_stride;
    const float *gates;  // of a token: how much of a change is written, how much of the state stays
    int64_t gate_stride, tokens;
    float *state;
    int64_t state_stride;
    int key_size;
    float *out;
    int64_t out_stride;
};

struct Kernels {
    // Groups [first, last) of a row whose column first * group is x[0]; `columns` are those that x still has.
    void (*quantise)(const float *x, int64_t columns, int group, Quantised out, int64_t row, int64_t first, int64_t last);
    // Tiles [first, last) of `matrix` for `rows` rows, into y (rows, stride), which begins at the first tile.
    void (*multiply)(const yq_matrix &matrix, const Layout &layout, int64_t first, int64_t last, const Rows &x,
                     int64_t rows, const float *bias, float *y, int64_t y_stride);
    void (*add_norm)(const float *x, const float *residual, const float *weight, float eps, int64_t width, float *out,
                     float *total);
    void (*swiglu)(const float *gate, const float *up, int64_t width, float *out);
    void (*turn)(float *x, const Heads &heads, const float *cosine, const float *sine);
    // The query heads of one kv head of `tokens` tokens of a sequence, the first at `position`; out (tokens, G, H).
    void (*attend)(const AttentionShape &shape, const float *q, int64_t q_stride, int tokens, int64_t kv_head,
                   int64_t position, const int32_t *table, float *scratch, float *out, int64_t out_stride);
    float (*int4_error)(const float *x, int n, float scale);
    void (*softmax)(const float *x, int64_t width, float *out);
    void (*accumulate)(const float *x, float factor, int64_t width, float *total);
    void (*conv)(const Conv &conv);
    void (*unit)(const float *x, int64_t width, float eps, float scale, float *out);
    // Columns [first, last) of the state and of what comes out.
    void (*delta)(const Delta &delta, int64_t first, int64_t last);
    void (*gated_norm)(const float *x, const float *gate, const float *weight, float eps, int64_t width, float *out);
    void (*sigmoid_mul)(const float *gate, const float *x, int64_t width, float *out);
};

const Kernels &kernels();

// Tokens that are attended for together: their rows fill the registers, and their scores the nearest cache.
static inline int attend_tokens(int heads_per_kv) { return heads_per_kv < 8 ? 8 / heads_per_kv : 1; }

static inline int64_t attend_scratch(int heads_per_kv, int head_dim) {
    return attend_tokens(heads_per_kv) * heads_per_kv * (512 + 2 * int64_t(round_up(head_dim, 16)) + 32);
}

}  // namespace yq
