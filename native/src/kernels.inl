// The kernels of one level, written once over `lanes.h`.

constexpr int SPLIT = 512;  // keys that are worked on together; splits begin at multiples of it

static void quantise(const float *x, int64_t columns, int group, Quantised out, int64_t row, int64_t first,
                     int64_t last) {
    int8_t *values = out.values + row * out.columns + first * group;
    float *scales = out.scales + row * out.groups + first;
    int32_t *sums = out.sums + row * out.groups + first;
    for (int64_t g = 0; g < last - first; g++) {
        int64_t start = g * group;
        Floats most = zeros();
        for (int64_t i = start; i < start + group && i < columns; i += LANES)
            most = larger(magnitude(load(x + i, int(columns - i < LANES ? columns - i : LANES))), most);
        float largest = largest_magnitude(most);
        float inverse = largest > 0 ? 127.0f / largest : 0.0f;
        scales[g] = largest / 127.0f;
        Ints total = no_ints();
        for (int64_t i = start; i < start + group; i += LANES) {
            int64_t left = columns - i;
            Floats part = left <= 0 ? zeros() : load(x + i, int(left < LANES ? left : LANES));
            Ints whole = to_ints(part * all(inverse));
            store_bytes(values + i, whole);
            total = total + whole;
        }
        sums[g] = int32_t(0u - 8u * uint32_t(sum_of(total)));
    }
}

// `zero`: with ZEROS a zero point for each lane and group.
template <int M, bool NIBBLES, bool ZEROS>
static void tile_int(const uint8_t *w, const uint16_t *scale, const uint8_t *zero, int64_t groups, int group,
                     const Rows &rows, int64_t row, Floats *y) {
    const Quantised &q = rows.q;
    constexpr int OFFSETS = NIBBLES ? 1 : 16;  // of the weights, in eights
    const int steps = NIBBLES ? group / 8 : group / 4;
    Floats sum[M];
    const int8_t *x[M];
    int64_t at[M];
    for (int m = 0; m < M; m++) {
        int64_t one = rows.at(row + m);
        sum[m] = zeros(), x[m] = q.values + one * q.columns, at[m] = one * q.groups;
    }
    int64_t column = 0;
    for (int64_t g = 0; g < groups; g++) {
        Ints part[M], points = ZEROS ? load_codes(zero + g * LANES) : no_ints();
        for (int m = 0; m < M; m++) {
            const int32_t taken = q.sums[at[m] + g];
            part[m] = ZEROS ? points * all_ints(taken / 8) : all_ints(int32_t(OFFSETS * uint32_t(taken)));
        }
        for (int s = 0; s < steps; s++, w += 64) {
            Bytes bytes = load_bytes(w);
            prefetch(w + 2048);
            if (NIBBLES) {
                Bytes low = low_nibbles(bytes), high = high_nibbles(bytes);
                for (int m = 0; m < M; m++) part[m] = dot(part[m], low, x[m] + column);
                for (int m = 0; m < M; m++) part[m] = dot(part[m], high, x[m] + column + 4);
                column += 8;
            } else {
                for (int m = 0; m < M; m++) part[m] = dot(part[m], bytes, x[m] + column);
                column += 4;
            }
        }
        Floats scales = load_half(scale + g * LANES);
        for (int m = 0; m < M; m++) {
            sum[m] = fma(to_floats(part[m]), scales * all(q.scales[at[m] + g]), sum[m]);
        }
    }
    for (int m = 0; m < M; m++) y[m] = sum[m];
}

// Even and odd columns are summed apart, so that two chains run side by side.
template <int M, bool HALF>
static void tile_float(const uint8_t *w, int64_t columns, const Rows &rows, int64_t row, Floats *y) {
    Floats even[M], odd[M];
    const float *x[M];
    for (int m = 0; m < M; m++) even[m] = odd[m] = zeros(), x[m] = rows.x + rows.at(row + m) * rows.stride;
    for (int64_t k = 0; k < columns; k += 2, w += HALF ? 64 : 128) {
        Floats first, second;
        if (HALF) {
            load_pairs((const uint16_t *)w, first, second);
        } else {
            first = load((const float *)w), second = load((const float *)w + LANES);
        }
        prefetch(w + 2048);
        for (int m = 0; m < M; m++) {
            even[m] = fma(first, all(x[m][k]), even[m]);
            odd[m] = fma(second, all(x[m][k + 1]), odd[m]);
        }
    }
    for (int m = 0; m < M; m++) y[m] = even[m] + odd[m];
}

struct Job {
    const yq_matrix &matrix;
    const Layout &layout;
    const Rows &x;
    const float *bias;
    float *y;
    int64_t y_stride, first;
};

template <int M>
static void tile_rows(const Job &job, int64_t tile, int64_t row) {
    const Layout &layout = job.layout;
    const uint8_t *w = job.matrix.data + tile * layout.tile_bytes;
    int64_t groups = job.matrix.group ? layout.columns / job.matrix.group : 0;
    const uint16_t *scale = (const uint16_t *)(job.matrix.data + layout.scale_offset) + tile * groups * LANES;
    const uint8_t *zero = job.matrix.data + layout.zero_offset + tile * groups * LANES;
    const int group = job.matrix.group;
    Floats sum[M];
    switch (job.matrix.kind) {
        case YQ_INT4: tile_int<M, true, false>(w, scale, nullptr, groups, group, job.x, row, sum); break;
        case YQ_INT8: tile_int<M, false, false>(w, scale, nullptr, groups, group, job.x, row, sum); break;
        case YQ_INT4_ZEROS: tile_int<M, true, true>(w, scale, zero, groups, group, job.x, row, sum); break;
        case YQ_INT8_ZEROS: tile_int<M, false, true>(w, scale, zero, groups, group, job.x, row, sum); break;
        case YQ_BF16: tile_float<M, true>(w, layout.columns, job.x, row, sum); break;
        default: tile_float<M, false>(w, layout.columns, job.x, row, sum);
    }
    int64_t first = tile * YQ_TILE, left = job.matrix.rows - first;
    int width = int(left < LANES ? left : LANES);
    Floats bias = job.bias ? load(job.bias + first, width) : zeros();
    float *y = job.y + (tile - job.first) * YQ_TILE;
    for (int m = 0; m < M; m++) store(y + (row + m) * job.y_stride, sum[m] + bias, width);
}

static void multiply(const yq_matrix &matrix, const Layout &layout, int64_t first, int64_t last, const Rows &x,
                     int64_t rows, const float *bias, float *y, int64_t y_stride) {
    Job job{matrix, layout, x, bias, y, y_stride, first};
    for (int64_t tile = first; tile < last; tile++) {
        int64_t row = 0;
        for (; row + 8 <= rows; row += 8) tile_rows<8>(job, tile, row);
        if (rows - row >= 4) tile_rows<4>(job, tile, row), row += 4;
        if (rows - row >= 2) tile_rows<2>(job, tile, row), row += 2;
        if (rows - row >= 1) tile_rows<1>(job, tile, row);
    }
}

// The squared error of a group as int4 of this scale; `n` is a multiple of 16.
static float int4_error(const float *x, int n, float scale) {
    Floats factor = all(scale), inverse = all(1.0f / scale), sum = zeros();
    for (int i = 0; i < n; i += LANES) {
        Floats part = load(x + i), value = larger(part * inverse, all(-8.0f));
        value = zeros() - larger(zeros() - value, all(-7.0f));
        Floats off = part - factor * to_floats(to_ints(value));
        sum = fma(off, off, sum);
    }
    return sum_of(sum);
}

static float inverse_rms(const float *x, int64_t width, float eps) {
    Floats squares = zeros();
    for (int64_t i = 0; i < width; i += LANES) {
        Floats part = load(x + i, int(width - i < LANES ? width - i : LANES));
        squares = fma(part, part, squares);
    }
    return 1.0f / __builtin_sqrtf(sum_of(squares) / float(width) + eps);
}

static void scale_by(const float *x, const float *weight, float factor, int64_t width, float *out) {
    for (int64_t i = 0; i < width; i += LANES) {
        int n = int(width - i < LANES ? width - i : LANES);
        store(out + i, load(weight + i, n) * (load(x + i, n) * all(factor)), n);
    }
}

static void add_norm(const float *x, const float *residual, const float *weight, float eps, int64_t width, float *out,
                     float *total) {
    for (int64_t i = 0; i < width; i += LANES) {
        int n = int(width - i < LANES ? width - i : LANES);
        Floats part = load(x + i, n);
        store(total + i, residual ? part + load(residual + i, n) : part, n);
    }
    scale_by(total, weight, inverse_rms(total, width, eps), width, out);
}

static inline Floats silu(Floats x) { return x / (all(1.0f) + exponential(zeros() - x)); }

static void swiglu(const float *gate, const float *up, int64_t width, float *out) {
    for (int64_t i = 0; i < width; i += LANES) {
        int n = int(width - i < LANES ? width - i : LANES);
        Floats g = load(gate + i, n);
        store(out + i, silu(g) * load(up + i, n), n);
    }
}

// Normalise one head where it is normalised, and rotate the pairs (i, i + half).
static void turn(float *x, const Heads &heads, const float *cosine, const float *sine) {
    if (heads.norm) scale_by(x, heads.norm, inverse_rms(x, heads.size, heads.eps), heads.size, x);
    for (int i = 0; i < heads.half; i += LANES) {
        int n = heads.half - i < LANES ? heads.half - i : LANES;
        Floats c = load(cosine + i, n), s = load(sine + i, n);
        Floats a = load(x + i, n), b = load(x + heads.half + i, n);
        store(x + i, a * c - b * s, n);
        store(x + heads.half + i, b * c + a * s, n);
    }
}

// A pair of dimensions of the 16 keys of a block. While one block is read the next one is fetched, line by line: a head's
// part of it is another page, where no hardware fetches ahead.
static inline void load_keys(const uint8_t *key, const uint8_t *next, int cache_kind, int d, Floats &first,
                             Floats &second) {
    prefetch(next + d * YQ_BLOCK * cache_element(cache_kind));
    if (cache_kind == YQ_BF16) {
        load_pairs((const uint16_t *)key + d * YQ_BLOCK, first, second);
    } else if (cache_kind == YQ_INT8) {
        const int8_t *at = (const int8_t *)key + d * YQ_BLOCK;
        first = load_int8(at), second = load_int8(at + YQ_BLOCK);
    } else {
        first = load((const float *)key + d * YQ_BLOCK), second = load((const float *)key + (d + 1) * YQ_BLOCK);
    }
}

// The scores of N heads for the 16 keys of a block; every fourth dimension has its own sum.
template <int N>
static void block_scores(const uint8_t *key, const uint8_t *next, int cache_kind, int head_dim, const float *q, int64_t q_stride,
                         float *scores) {
    Floats sum[N][4], first, second;
    for (int n = 0; n < N; n++)
        for (int i = 0; i < 4; i++) sum[n][i] = zeros();
    int d = 0;
    for (; d + 4 <= head_dim; d += 4) {
        for (int i = 0; i < 4; i += 2) {
            load_keys(key, next, cache_kind, d + i, first, second);
            for (int n = 0; n < N; n++) {
                sum[n][i] = fma(first, all(q[n * q_stride + d + i]), sum[n][i]);
                sum[n][i + 1] = fma(second, all(q[n * q_stride + d + i + 1]), sum[n][i + 1]);
            }
        }
    }
    if (d < head_dim) {
        load_keys(key, next, cache_kind, d, first, second);
        for (int n = 0; n < N; n++) {
            sum[n][0] = fma(first, all(q[n * q_stride + d]), sum[n][0]);
            sum[n][1] = fma(second, all(q[n * q_stride + d + 1]), sum[n][1]);
        }
    }
    Floats scales = cache_kind == YQ_INT8 ? load((const float *)(key + cache_scales(head_dim))) : all(1.0f);
    for (int n = 0; n < N; n++) store(scores + n * SPLIT, ((sum[n][0] + sum[n][1]) + (sum[n][2] + sum[n][3])) * scales);
}

static inline Floats load_value(const uint8_t *value, int cache_kind, int64_t at, int n) {
    if (cache_kind == YQ_F32) return load((const float *)value + at, n);
    if (cache_kind == YQ_INT8) {  // behind a row there are others, or the scales: enough to read whole vectors
        return load_int8((const int8_t *)value + at);
    }
    if (n == LANES) return load_bf16((const uint16_t *)value + at);
    uint16_t whole[LANES] = {};
    memcpy(whole, (const uint16_t *)value + at, size_t(n) * 2);
    return load_bf16(whole);
}

struct Mixing {  // keys [first, last) of a block, and the block that comes after it
    const uint8_t *value, *next;
    int cache_kind, head_dim, first, last;
    const float *weights;
    float *mixed;
    int64_t stride;
};

// Of N heads and C vectors of columns from `d`: mixed += weights times values. `width` is that of a vector.
template <int N, int C>
static inline void mix_columns(const Mixing &m, int d, int width) {
    Floats sum[N][C];
    for (int n = 0; n < N; n++)
        for (int c = 0; c < C; c++) sum[n][c] = load(m.mixed + n * m.stride + d + c * LANES);
    const int element = int(cache_element(m.cache_kind));
    for (int i = m.first; i < m.last; i++) {
        int64_t at = int64_t(i) * m.head_dim + d;
        for (int c = 0; c < C; c += 4 / element) prefetch(m.next + (at + c * LANES) * element);
        for (int c = 0; c < C; c++) {
            Floats v = load_value(m.value, m.cache_kind, at + c * LANES, width);
            for (int n = 0; n < N; n++) sum[n][c] = fma(v, all(m.weights[n * SPLIT + i]), sum[n][c]);
        }
    }
    for (int n = 0; n < N; n++)
        for (int c = 0; c < C; c++) store(m.mixed + n * m.stride + d + c * LANES, sum[n][c]);
}

// As many columns at once as there are registers for their sums: so memory is read in its own order.
template <int N>
static void block_values(const Mixing &m) {
    constexpr int FIT = REGISTERS / 2 / N, MOST = FIT > 8 ? 8 : FIT < 1 ? 1 : FIT, SOME = MOST > 4 ? 4 : MOST;
    int d = 0;
    for (; d + MOST * LANES <= m.head_dim; d += MOST * LANES) mix_columns<N, MOST>(m, d, LANES);
    for (; d + SOME * LANES <= m.head_dim; d += SOME * LANES) mix_columns<N, SOME>(m, d, LANES);
    for (; d < m.head_dim; d += LANES) mix_columns<N, 1>(m, d, m.head_dim - d < LANES ? m.head_dim - d : LANES);
}

// Call step<N>(first head) for all heads, four, two or one at a time.
template <typename Four, typename Two, typename One>
static inline void by_heads(int heads, Four four, Two two, One one) {
    int h = 0;
    for (; h + 4 <= heads; h += 4) four(h);
    for (; h + 2 <= heads; h += 2) two(h);
    if (h < heads) one(h);
}

static void attend(const AttentionShape &shape, const float *q, int64_t kv_head, int64_t position,
                   const int32_t *table, float *scratch, float *out) {
    const int heads = shape.num_heads / shape.num_kv_heads, size = shape.head_dim, wide = (size + 15) / 16 * 16;
    const int64_t element = cache_element(shape.cache_kind);
    const int64_t first = shape.window && position + 1 > shape.window ? position + 1 - shape.window : 0;
    const float none = -__builtin_inff();
    float *scores = scratch, *mixed = scores + heads * SPLIT, *scaled = mixed + heads * wide;
    float *highest = scaled + heads * wide, *total = highest + heads;
    const auto block_of = [&](const uint8_t *cache, int64_t at) {
        return cache + (table[at / YQ_BLOCK] * shape.block_stride + kv_head * shape.head_stride) * element;
    };
    for (int h = 0; h < heads; h++) {
        for (int d = 0; d < size; d++) out[h * size + d] = 0.0f, scaled[h * wide + d] = q[h * size + d] * shape.scale;
        highest[h] = none, total[h] = 0.0f;
    }
    for (int64_t start = first / SPLIT * SPLIT; start <= position; start += SPLIT) {
        int64_t end = start + SPLIT < position + 1 ? start + SPLIT : position + 1;
        int64_t low = start > first ? start : first;
        for (int64_t at = low / YQ_BLOCK * YQ_BLOCK; at < end; at += YQ_BLOCK) {
            const uint8_t *key = block_of(shape.key, at);
            const uint8_t *next = block_of(shape.key, at + YQ_BLOCK < end ? at + YQ_BLOCK : at);
            const auto score = [&](auto step, int h) {
                step(key, next, shape.cache_kind, size, scaled + h * wide, wide, scores + h * SPLIT + (at - start));
            };
            by_heads(heads, [&](int h) { score(block_scores<4>, h); }, [&](int h) { score(block_scores<2>, h); },
                     [&](int h) { score(block_scores<1>, h); });
            for (int h = 0; h < heads; h++) {
                float *row = scores + h * SPLIT + (at - start);
                for (int64_t i = at; i < low; i++) row[i - at] = none;
                for (int64_t i = end > at ? end : at; i < at + YQ_BLOCK; i++) row[i - at] = none;
            }
        }
        const int64_t from = low / YQ_BLOCK * YQ_BLOCK - start, to = round_up(end, YQ_BLOCK) - start;
        for (int h = 0; h < heads; h++) {
            float *row = scores + h * SPLIT;
            Floats most = all(none);
            for (int64_t i = from; i < to; i += LANES) most = larger(load(row + i), most);
            float top = largest_of(most);
            Floats sum = zeros();
            for (int64_t i = from; i < to; i += LANES) {
                Floats e = exponential(load(row + i) - all(top));
                store(row + i, e);
                sum = sum + e;
            }
            float part = sum_of(sum), joint = highest[h] > top ? highest[h] : top;
            float old = lane(exponential(all(highest[h] - joint))), fresh = lane(exponential(all(top - joint)));
            total[h] = __builtin_fmaf(part, fresh, total[h] * old);
            highest[h] = joint;
            // The weights take the split's share now, and what was mixed before makes room.
            for (int64_t i = from; i < to; i += LANES) store(row + i, load(row + i) * all(fresh));
            for (int d = 0; d < wide; d++) mixed[h * wide + d] = d < size ? out[h * size + d] * old : 0.0f;
        }
        for (int64_t at = low / YQ_BLOCK * YQ_BLOCK; at < end; at += YQ_BLOCK) {
            const uint8_t *value = block_of(shape.value, at);
            const uint8_t *next = block_of(shape.value, at + YQ_BLOCK < end ? at + YQ_BLOCK : at);
            if (shape.cache_kind == YQ_INT8) {
                Floats scales = load((const float *)(value + cache_scales(size)));
                for (int h = 0; h < heads; h++) {
                    float *row = scores + h * SPLIT + (at - start);
                    store(row, load(row) * scales);
                }
            }
            int from_key = int(low > at ? low - at : 0), to_key = int(end - at < YQ_BLOCK ? end - at : YQ_BLOCK);
            const auto mix = [&](auto step, int h) {
                step(Mixing{value, next, shape.cache_kind, size, from_key, to_key, scores + h * SPLIT + (at - start),
                            mixed + h * wide, wide});
            };
            by_heads(heads, [&](int h) { mix(block_values<4>, h); }, [&](int h) { mix(block_values<2>, h); },
                     [&](int h) { mix(block_values<1>, h); });
        }
        for (int h = 0; h < heads; h++)
            for (int d = 0; d < size; d++) out[h * size + d] = mixed[h * wide + d];
    }
    for (int h = 0; h < heads; h++)
        for (int d = 0; d < size; d++) out[h * size + d] /= total[h];
}

#include "recurrent.inl"

static const Kernels table{quantise, multiply, add_norm, swiglu,   turn,  attend,     int4_error,
                           softmax,  accumulate, conv,   unit_row, delta, gated_norm, sigmoid_mul};
