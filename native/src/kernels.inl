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
template <int KIND>
static inline void load_keys(const uint8_t *key, const uint8_t *next, int d, Floats &first, Floats &second) {
    prefetch(next + d * YQ_BLOCK * cache_element(KIND));
    if (KIND == YQ_BF16)
        load_pairs((const uint16_t *)key + d * YQ_BLOCK, first, second);
    else
        first = load((const float *)key + d * YQ_BLOCK), second = load((const float *)key + (d + 1) * YQ_BLOCK);
}

// The queries of N rows as `attend` prepared them, `stride` floats apart: times the shape's scale, or in int8 with a
// factor and what the keys' offset of 128 adds.
struct Queries {
    const float *values;
    int64_t stride;
    const float *factor;
    const int32_t *offset;
};

// Of keys and queries of int8, four dimensions of a key side by side. Whole numbers add up in any order.
template <int N>
static void block_scores_int8(const uint8_t *key, const uint8_t *next, int head_dim, const Queries &q, float *scores) {
    const int8_t *values = (const int8_t *)q.values;
    const int64_t stride = 4 * q.stride;
    Ints sum[4 * N];
    for (int k = 0; k < 4 * N; k++) sum[k] = no_ints();
    int d = 0;
    for (; d + 16 <= head_dim; d += 16) {
        Bytes fours[4];
        for (int i = 0; i < 4; i++) {
            prefetch(next + (d + 4 * i) * YQ_BLOCK);
            fours[i] = load_bytes(key + (d + 4 * i) * YQ_BLOCK);
        }
        for (int k = 0; k < 4 * N; k++) sum[k] = dot(sum[k], fours[k % 4], values + k / 4 * stride + d + k % 4 * 4);
    }
    for (; d < head_dim; d += 4) {
        uint8_t last[64] = {};
        const int width = head_dim - d < 4 ? head_dim - d : 4;
        for (int i = 0; i < YQ_BLOCK; i++) memcpy(last + 4 * i, key + d * YQ_BLOCK + i * width, size_t(width));
        for (int n = 0; n < N; n++) sum[4 * n] = dot(sum[4 * n], load_bytes(last), values + n * stride + d);
    }
    const Floats scales = load((const float *)(key + cache_scales(head_dim)));
    for (int n = 0; n < N; n++) {
        Ints whole = (sum[4 * n] + sum[4 * n + 1]) + (sum[4 * n + 2] + sum[4 * n + 3]);
        store(scores + n * SPLIT, to_floats(whole - all_ints(q.offset[n])) * all(q.factor[n]) * scales);
    }
}

// The scores of N rows for the 16 keys of a block; every fourth dimension has its own sum.
template <int KIND, int N>
static void block_scores(const uint8_t *key, const uint8_t *next, int head_dim, const Queries &q, float *scores) {
    if constexpr (KIND == YQ_INT8) return block_scores_int8<N>(key, next, head_dim, q, scores);
    Floats sum[4 * N], keys[4];
    for (int k = 0; k < 4 * N; k++) sum[k] = zeros();
    int d = 0;
    for (; d + 4 <= head_dim; d += 4) {
        for (int i = 0; i < 4; i += 2) load_keys<KIND>(key, next, d + i, keys[i], keys[i + 1]);
        for (int k = 0; k < 4 * N; k++) sum[k] = fma(keys[k % 4], all(q.values[k / 4 * q.stride + d + k % 4]), sum[k]);
    }
    if (d < head_dim) {
        load_keys<KIND>(key, next, d, keys[0], keys[1]);
        for (int n = 0; n < N; n++)
            for (int i = 0; i < 2; i++)
                sum[4 * n + i] = fma(keys[i], all(q.values[n * q.stride + d + i]), sum[4 * n + i]);
    }
    for (int n = 0; n < N; n++)
        store(scores + n * SPLIT, (sum[4 * n] + sum[4 * n + 1]) + (sum[4 * n + 2] + sum[4 * n + 3]));
}

template <int KIND>
static inline Floats load_value(const uint8_t *value, int64_t at, int n) {
    if (KIND == YQ_F32) return load((const float *)value + at, n);
    if (KIND == YQ_INT8) {  // behind a row there are others, or the scales: enough to read whole vectors
        return load_int8((const int8_t *)value + at);
    }
    if (n == LANES) return load_bf16((const uint16_t *)value + at);
    uint16_t whole[LANES] = {};
    memcpy(whole, (const uint16_t *)value + at, size_t(n) * 2);
    return load_bf16(whole);
}

struct Mixing {  // keys [first, last) of a block, and the block that comes after it
    const uint8_t *value, *next;
    int head_dim, first, last;
    const float *weights;
    float *mixed;
    int64_t stride;
};

// Of N heads and C vectors of columns from `d`: mixed += weights times values. `width` is that of a vector.
template <int KIND, int N, int C>
static inline void mix_columns(const Mixing &m, int d, int width) {
    // In loops of one level, which compilers unroll before they give arrays registers.
    Floats sum[N * C], values[C], weights[N];
    for (int k = 0; k < N * C; k++) sum[k] = load(m.mixed + k / C * m.stride + d + k % C * LANES);
    const int element = int(cache_element(KIND));
    for (int i = m.first; i < m.last; i++) {
        const int64_t at = int64_t(i) * m.head_dim + d;
        for (int c = 0; c < C; c += 4 / element) prefetch(m.next + (at + c * LANES) * element);
        for (int c = 0; c < C; c++) values[c] = load_value<KIND>(m.value, at + c * LANES, width);
        for (int n = 0; n < N; n++) weights[n] = all(m.weights[n * SPLIT + i]);
        for (int k = 0; k < N * C; k++) sum[k] = fma(values[k % C], weights[k / C], sum[k]);
    }
    for (int k = 0; k < N * C; k++) store(m.mixed + k / C * m.stride + d + k % C * LANES, sum[k]);
}

// As many columns at once as there are registers for their sums: so memory is read in its own order.
template <int KIND, int N>
static void block_values(const Mixing &m) {
    constexpr int FIT = REGISTERS / 2 / N, MOST = FIT > 8 ? 8 : FIT < 1 ? 1 : FIT, SOME = MOST > 4 ? 4 : MOST;
    int d = 0;
    for (; d + MOST * LANES <= m.head_dim; d += MOST * LANES) mix_columns<KIND, N, MOST>(m, d, LANES);
    for (; d + SOME * LANES <= m.head_dim; d += SOME * LANES) mix_columns<KIND, N, SOME>(m, d, LANES);
    for (; d < m.head_dim; d += LANES) mix_columns<KIND, N, 1>(m, d, m.head_dim - d < LANES ? m.head_dim - d : LANES);
}

// Call step<N>(first row) for the rows from..to, four, two or one at a time.
template <typename Four, typename Two, typename One>
static inline void by_rows(int from, int to, Four four, Two two, One one) {
    int r = from;
    for (; r + 4 <= to; r += 4) four(r);
    for (; r + 2 <= to; r += 2) two(r);
    if (r < to) one(r);
}

// A query times the shape's scale; for keys of int8 in int8, by its largest value, zeros behind up to a multiple of 16.
template <int KIND>
static void prepare_query(const AttentionShape &shape, const float *q, int64_t wide, float *target, float &factor,
                          int32_t &offset) {
    const int size = shape.head_dim;
    if (KIND != YQ_INT8) {
        for (int d = 0; d < size; d++) target[d] = q[d] * shape.scale;
        return;
    }
    float largest = 0.0f;
    for (int d = 0; d < size; d++) largest = __builtin_fabsf(q[d]) > largest ? __builtin_fabsf(q[d]) : largest;
    const float inverse = largest > 0.0f ? 127.0f / largest : 0.0f;
    int8_t *bytes = (int8_t *)target;
    int32_t sum = 0;
    for (int d = 0; d < wide; d++) {
        float whole = d < size ? (q[d] * inverse + 12582912.0f) - 12582912.0f : 0.0f;  // to the nearest, ties to even
        whole = whole > 127.0f ? 127.0f : whole > -127.0f ? whole : -127.0f;
        bytes[d] = int8_t(whole), sum += bytes[d];
    }
    factor = largest / 127.0f * shape.scale, offset = 128 * sum;
}

// One kv head for the queries of `tokens` consecutive tokens, the first at `position`; a token's queries, as its outputs,
// lie side by side. Each row computes what it would alone, in the same order: the keys before it, split at multiples of
// SPLIT. Together the rows read what is in a block once.
template <int KIND>
static void attend_as(const AttentionShape &shape, const float *q, int64_t q_stride, int tokens, int64_t kv_head,
                      int64_t position, const int32_t *table, float *scratch, float *out, int64_t out_stride) {
    const int heads = shape.num_heads / shape.num_kv_heads, size = shape.head_dim, wide = (size + 15) / 16 * 16;
    const int rows = tokens * heads;
    const int64_t element = cache_element(KIND), last = position + tokens - 1;
    const float none = -__builtin_inff();
    float *scores = scratch, *mixed = scores + rows * SPLIT, *queries = mixed + rows * wide;
    float *highest = queries + rows * wide, *total = highest + rows, *factor = total + rows;
    int32_t *offset = (int32_t *)(factor + rows);
    const auto block_of = [&](const uint8_t *cache, int64_t at) {
        return cache + (table[at / YQ_BLOCK] * shape.block_stride + kv_head * shape.head_stride) * element;
    };
    const auto first_of = [&](int token) {
        const int64_t count = position + token + 1;
        return shape.window && count > shape.window ? count - shape.window : 0;
    };
    for (int r = 0; r < rows; r++) {
        const float *own = q + r / heads * q_stride + r % heads * size;
        prepare_query<KIND>(shape, own, wide, queries + r * wide, factor[r], offset[r]);
        for (int d = 0; d < wide; d++) mixed[r * wide + d] = 0.0f;
        highest[r] = none, total[r] = 0.0f;
    }
    for (int64_t start = first_of(0) / SPLIT * SPLIT; start <= last; start += SPLIT) {
        const int64_t low = first_of(0) > start ? first_of(0) : start;
        const int64_t end = start + SPLIT < last + 1 ? start + SPLIT : last + 1;
        const int64_t begin = low / YQ_BLOCK * YQ_BLOCK;
        const auto low_of = [&](int token) { return first_of(token) > start ? first_of(token) : start; };
        const auto end_of = [&](int token) { return position + token + 1 < end ? position + token + 1 : end; };
        const auto next_of = [&](const uint8_t *cache, int64_t at) {
            return block_of(cache, at + YQ_BLOCK < end ? at + YQ_BLOCK : at);
        };
        for (int64_t at = begin; at < end; at += YQ_BLOCK) {
            const uint8_t *key = block_of(shape.key, at), *next = next_of(shape.key, at);
            const auto score = [&](auto step, int r) {
                const Queries some{queries + r * wide, wide, factor + r, offset + r};
                step(key, next, size, some, scores + r * SPLIT + (at - start));
            };
            by_rows(0, rows, [&](int r) { score(block_scores<KIND, 4>, r); },
                    [&](int r) { score(block_scores<KIND, 2>, r); }, [&](int r) { score(block_scores<KIND, 1>, r); });
            for (int r = 0; r < rows; r++) {
                float *row = scores + r * SPLIT + (at - start);
                const int64_t low_r = low_of(r / heads), end_r = end_of(r / heads);
                for (int64_t i = at; i < low_r && i < at + YQ_BLOCK; i++) row[i - at] = none;
                for (int64_t i = end_r > at ? end_r : at; i < at + YQ_BLOCK; i++) row[i - at] = none;
            }
        }
        for (int r = 0; r < rows; r++) {
            const int64_t low_r = low_of(r / heads), end_r = end_of(r / heads);
            if (low_r >= end_r) continue;  // no key of this split
            float *row = scores + r * SPLIT;
            const int64_t from = low_r / YQ_BLOCK * YQ_BLOCK - start, to = round_up(end_r, YQ_BLOCK) - start;
            Floats most = all(none);
            for (int64_t i = from; i < to; i += LANES) most = larger(load(row + i), most);
            float top = largest_of(most);
            Floats sum = zeros();
            for (int64_t i = from; i < to; i += LANES) {
                Floats e = exponential(load(row + i) - all(top));
                store(row + i, e);
                sum = sum + e;
            }
            float part = sum_of(sum), joint = highest[r] > top ? highest[r] : top;
            float old = lane(exponential(all(highest[r] - joint))), fresh = lane(exponential(all(top - joint)));
            total[r] = __builtin_fmaf(part, fresh, total[r] * old);
            highest[r] = joint;
            // The weights take the split's share now, and what was mixed before makes room.
            for (int64_t i = from; i < to; i += LANES) store(row + i, load(row + i) * all(fresh));
            for (int d = 0; d < wide; d += LANES) store(mixed + r * wide + d, load(mixed + r * wide + d) * all(old));
        }
        const int64_t whole_from = low_of(tokens - 1), whole_to = end_of(0);  // keys that every row has
        for (int64_t at = begin; at < end; at += YQ_BLOCK) {
            const uint8_t *value = block_of(shape.value, at), *next = next_of(shape.value, at);
            const auto mix_rows = [&](int from_row, int to_row, int64_t from, int64_t to) {
                if (KIND == YQ_INT8) {
                    Floats scales = load((const float *)(value + cache_scales(size)));
                    for (int r = from_row; r < to_row; r++) {
                        float *row = scores + r * SPLIT + (at - start);
                        store(row, load(row) * scales);
                    }
                }
                const auto mix = [&](auto step, int r) {
                    step(Mixing{value, next, size, int(from - at), int(to - at),
                                scores + r * SPLIT + (at - start), mixed + r * wide, wide});
                };
                by_rows(from_row, to_row, [&](int r) { mix(block_values<KIND, 4>, r); },
                        [&](int r) { mix(block_values<KIND, 2>, r); }, [&](int r) { mix(block_values<KIND, 1>, r); });
            };
            if (whole_from <= at && at + YQ_BLOCK <= whole_to) {
                mix_rows(0, rows, at, at + YQ_BLOCK);
                continue;
            }
            for (int t = 0; t < tokens; t++) {
                const int64_t from = low_of(t) > at ? low_of(t) : at;
                const int64_t to = end_of(t) < at + YQ_BLOCK ? end_of(t) : at + YQ_BLOCK;
                if (from < to) mix_rows(t * heads, (t + 1) * heads, from, to);
            }
        }
    }
    for (int r = 0; r < rows; r++)
        for (int d = 0; d < size; d++)
            out[r / heads * out_stride + r % heads * size + d] = mixed[r * wide + d] / total[r];
}

static void attend(const AttentionShape &shape, const float *q, int64_t q_stride, int tokens, int64_t kv_head,
                   int64_t position, const int32_t *table, float *scratch, float *out, int64_t out_stride) {
    const auto with = [&](auto step) {
        step(shape, q, q_stride, tokens, kv_head, position, table, scratch, out, out_stride);
    };
    if (shape.cache_kind == YQ_F32) return with(attend_as<YQ_F32>);
    if (shape.cache_kind == YQ_BF16) return with(attend_as<YQ_BF16>);
    with(attend_as<YQ_INT8>);
}

#include "recurrent.inl"

static const Kernels table{quantise, multiply, add_norm, swiglu,   turn,  attend,     int4_error,
                           softmax,  accumulate, conv,   unit_row, delta, gated_norm, sigmoid_mul};
