// The training kernels of one level, written once over `lanes.h`. Elements are read and written in float32 or bfloat16
// and computed with in float32. Sizes are multiples of 16.

template <bool HALF>
static inline Floats get(const void *data, int64_t at) {
    if (HALF) return load_bf16(static_cast<const uint16_t *>(data) + at);
    return load(static_cast<const float *>(data) + at);
}

template <bool HALF>
static inline void put(void *data, int64_t at, Floats x) {
    if (!HALF) return store(static_cast<float *>(data) + at, x);
    float wide[LANES];
    uint32_t bits[LANES];
    uint16_t narrow[LANES];
    store(wide, x);
    memcpy(bits, wide, sizeof bits);
    for (int i = 0; i < LANES; i++) {  // as float_to_bf16, without a branch
        uint32_t rounded = (bits[i] + 0x7fff + ((bits[i] >> 16) & 1)) >> 16, kept = bits[i] >> 16 | 64;
        narrow[i] = uint16_t((bits[i] & 0x7fffffff) > 0x7f800000 ? kept : rounded);
    }
    memcpy(static_cast<uint16_t *>(data) + at, narrow, sizeof narrow);
}

static inline Floats sigmoid(Floats x) { return all(1.0f) / (all(1.0f) + exponential(zeros() - x)); }

// d silu(x) / dx, where s is sigmoid(x).
static inline Floats silu_slope(Floats x, Floats s) { return s * fma(x, all(1.0f) - s, all(1.0f)); }

constexpr int MOST_TAPS = 8;

static inline void read_taps(const float *weight, int width, int64_t channel, Floats *taps) {
    for (int j = 0; j < width; j++) {
        float column[LANES];
        for (int i = 0; i < LANES; i++) column[i] = weight[(channel + i) * width + j];
        taps[j] = load(column);
    }
}

// The tokens that a convolution sees: `seen[width - 1]` is the newest. WS is the width where it is known beforehand.
template <int WS>
static inline void slide(Floats *seen, int width, Floats next) {
    const int W = WS ? WS : width;
    for (int j = 0; j + 1 < W; j++) seen[j] = seen[j + 1];
    seen[W - 1] = next;
}

template <int WS>
static inline Floats convolved(const Floats *seen, const Floats *taps, int width) {
    const int W = WS ? WS : width;
    Floats z = zeros();
    for (int j = 0; j < W; j++) z = fma(taps[j], seen[j], z);
    return z;
}

template <bool HALF, int WS>
static void conv_forward_as(Values x, const float *weight, int width, const int32_t *offsets, int64_t num_sequences,
                            int64_t block, Values y) {
    const int W = WS ? WS : width;
    int64_t channel = block * LANES;
    Floats taps[MOST_TAPS], seen[MOST_TAPS];
    read_taps(weight, W, channel, taps);
    for (int64_t s = 0; s < num_sequences; s++) {
        for (int j = 0; j < W; j++) seen[j] = zeros();
        for (int64_t t = offsets[s]; t < offsets[s + 1]; t++) {
            prefetch(static_cast<const char *>(x.data) + ((t + 16) * x.stride + channel) * (HALF ? 2 : 4));
            slide<WS>(seen, W, get<HALF>(x.data, t * x.stride + channel));
            Floats z = convolved<WS>(seen, taps, W);
            put<HALF>(y.data, t * y.stride + channel, z * sigmoid(z));
        }
    }
}

// Token by token, so that the gradient of token t - W + 1 is whole when token t has been seen.
template <bool HALF, int WS>
static void conv_backward_as(Values x, const float *weight, int width, const int32_t *offsets, int64_t num_sequences,
                             int64_t block, Values dy, Values dx, float *dweight) {
    const int W = WS ? WS : width;
    int64_t channel = block * LANES;
    Floats taps[MOST_TAPS], dtaps[MOST_TAPS], seen[MOST_TAPS], dseen[MOST_TAPS];
    read_taps(weight, W, channel, taps);
    for (int j = 0; j < W; j++) dtaps[j] = zeros();
    for (int64_t s = 0; s < num_sequences; s++) {
        for (int j = 0; j < W; j++) seen[j] = dseen[j] = zeros();
        const int64_t end = offsets[s + 1];
        for (int64_t t = offsets[s]; t < end + W - 1; t++) {
            slide<WS>(dseen, W, zeros());
            if (t < end) {
                prefetch(static_cast<const char *>(x.data) + ((t + 16) * x.stride + channel) * (HALF ? 2 : 4));
                prefetch(static_cast<const char *>(dy.data) + ((t + 16) * dy.stride + channel) * (HALF ? 2 : 4));
                slide<WS>(seen, W, get<HALF>(x.data, t * x.stride + channel));
                Floats z = convolved<WS>(seen, taps, W);
                Floats dz = get<HALF>(dy.data, t * dy.stride + channel) * silu_slope(z, sigmoid(z));
                for (int j = 0; j < W; j++)
                    dtaps[j] = fma(dz, seen[j], dtaps[j]), dseen[j] = fma(taps[j], dz, dseen[j]);
            }
            if (t - W + 1 >= offsets[s]) put<HALF>(dx.data, (t - W + 1) * dx.stride + channel, dseen[0]);
        }
    }
    for (int j = 0; j < W; j++) {
        float column[LANES];
        store(column, dtaps[j]);
        for (int i = 0; i < LANES; i++) dweight[(channel + i) * W + j] = column[i];
    }
}

constexpr int64_t AHEAD = 8;  // tokens by which memory is asked for before it is needed
constexpr float UNIT_EPS = 1e-6f;

// x / |x| times `scale` into `unit`; returns 1 / |x|.
template <bool HALF>
static inline float make_unit(const void *data, int64_t at, int64_t size, float scale, float *unit) {
    Floats squares = zeros();
    for (int64_t i = 0; i < size; i += LANES) {
        Floats x = get<HALF>(data, at + i);
        squares = fma(x, x, squares);
    }
    float inverse = 1.0f / __builtin_sqrtf(sum_of(squares) + UNIT_EPS);
    for (int64_t i = 0; i < size; i += LANES) store(unit + i, get<HALF>(data, at + i) * all(inverse * scale));
    return inverse;
}

// One token: S (H, P) <- decay S, then S <- S + k (beta (v - S^T k))^T; o = S^T q. H and P are constants where they are given.
template <bool HALF, int HS, int PS>
static inline void delta_token(const DeltaPass &d, int64_t t, int64_t n, const float *q, const float *k, float *state) {
    const int64_t H = HS ? HS : d.key_size, P = PS ? PS : d.value_size, gate = t * d.num_values + n;
    Floats decay = all(d.decay[gate]), beta = all(d.beta[gate]);
    for (int64_t p = 0; p < P; p += LANES) {
        Floats found[4] = {zeros(), zeros(), zeros(), zeros()}, out[4] = {zeros(), zeros(), zeros(), zeros()};
        for (int64_t h = 0; h < H; h += 4)
            for (int i = 0; i < 4; i++) {
                Floats kept = decay * load(state + (h + i) * P + p);
                store(state + (h + i) * P + p, kept);
                found[i] = fma(all(k[h + i]), kept, found[i]);
            }
        Floats rest = get<HALF>(d.v.data, t * d.v.stride + n * P + p) - ((found[0] + found[1]) + (found[2] + found[3]));
        store(d.rest + gate * P + p, rest);
        Floats change = beta * rest;
        for (int64_t h = 0; h < H; h += 4)
            for (int i = 0; i < 4; i++) {
                Floats next = fma(all(k[h + i]), change, load(state + (h + i) * P + p));
                store(state + (h + i) * P + p, next);
                out[i] = fma(all(q[h + i]), next, out[i]);
            }
        put<HALF>(d.out.data, t * d.out.stride + n * P + p, (out[0] + out[1]) + (out[2] + out[3]));
    }
}

// Bring a row's `size` elements near before they are needed.
static inline void fetch(const Values &x, int64_t t, int64_t at, int64_t size, int64_t width) {
    const char *start = static_cast<const char *>(x.data) + (t * x.stride + at) * width;
    for (int64_t i = 0; i < size * width; i += 64) prefetch(start + i);
}

template <bool HALF, int HS, int PS>
static void delta_forward_as(const DeltaPass &d, int64_t m, float *scratch) {
    const int64_t H = HS ? HS : d.key_size, P = PS ? PS : d.value_size, group = d.num_values / d.num_keys;
    const int64_t width = HALF ? 2 : 4, end = d.offsets[d.num_sequences];
    const float scale = 1.0f / __builtin_sqrtf(float(H));
    float *states = scratch, *q = states + group * H * P, *k = q + H;
    int64_t chunk = 0;
    for (int64_t s = 0; s < d.num_sequences; s++) {
        for (int64_t i = 0; i < group * H * P; i++) states[i] = 0.0f;
        for (int64_t t = d.offsets[s]; t < d.offsets[s + 1]; t++) {
            if ((t - d.offsets[s]) % DELTA_CHUNK == 0)
                memcpy(d.states + (chunk++ * d.num_values + m * group) * H * P, states, size_t(group * H * P) * 4);
            if (t + AHEAD < end) {
                fetch(d.q, t + AHEAD, m * H, H, width), fetch(d.k, t + AHEAD, m * H, H, width);
                fetch(d.v, t + AHEAD, m * group * P, group * P, width);
            }
            make_unit<HALF>(d.q.data, t * d.q.stride + m * H, H, scale, q);
            make_unit<HALF>(d.k.data, t * d.k.stride + m * H, H, 1.0f, k);
            for (int64_t i = 0; i < group; i++) delta_token<HALF, HS, PS>(d, t, m * group + i, q, k, states + i * H * P);
        }
    }
}

// The states of a chunk after their decay and before their change, each transposed (P, H), from the one before the chunk.
template <int HS, int PS>
static inline void chunk_states(const DeltaPass &d, int64_t n, int64_t chunk, int64_t first, int64_t last, const float *keys,
                                float *state, float *kept) {
    const int64_t H = HS ? HS : d.key_size, P = PS ? PS : d.value_size;
    const float *before = d.states + (chunk * d.num_values + n) * H * P;
    for (int64_t h = 0; h < H; h++)
        for (int64_t p = 0; p < P; p++) state[p * H + h] = before[h * P + p];
    for (int64_t t = first; t < last; t++, kept += H * P, keys += H) {
        int64_t gate = t * d.num_values + n;
        Floats decay = all(d.decay[gate]);
        for (int64_t p = 0; p < P; p++) {
            Floats change = all(d.beta[gate] * d.rest[gate * P + p]);
            for (int64_t h = 0; h < H; h += LANES) {
                Floats x = decay * load(state + p * H + h);
                store(kept + p * H + h, x);
                store(state + p * H + h, fma(change, load(keys + h), x));
            }
        }
    }
}

// The gradient of a state, once as it lies (H, P) and once transposed (P, H), so that no sum goes across lanes.
struct StateGradient {
    float *plain, *transposed;
};

// What a token's queries and keys are, of length 1, and the gradients that its value heads add to.
struct Unit {
    const float *q, *k;
    float *dq, *dk;
};

template <bool HALF, int HS, int PS>
static inline void delta_token_backward(const DeltaPass &d, const DeltaGradients &g, int64_t t, int64_t n, Unit unit,
                                        const float *kept, StateGradient ds, float *scratch) {
    const int64_t H = HS ? HS : d.key_size, P = PS ? PS : d.value_size, gate = t * d.num_values + n;
    const float beta = d.beta[gate], *rest = d.rest + gate * P, *q = unit.q, *k = unit.k;
    float *dout = scratch, *dfound = dout + P, *change = dfound + P;
    Floats decay = all(d.decay[gate]), dbeta = zeros(), along = zeros();
    for (int64_t p = 0; p < P; p += LANES) {
        Floats out = get<HALF>(g.out.data, t * g.out.stride + n * P + p), left = load(rest + p);
        Floats dchange[4] = {zeros(), zeros(), zeros(), zeros()};
        for (int64_t h = 0; h < H; h += 4)
            for (int i = 0; i < 4; i++) {
                Floats x = fma(all(q[h + i]), out, load(ds.plain + (h + i) * P + p));
                store(ds.plain + (h + i) * P + p, x);
                dchange[i] = fma(all(k[h + i]), x, dchange[i]);
            }
        Floats total = (dchange[0] + dchange[1]) + (dchange[2] + dchange[3]);
        Floats changed = all(beta) * left, dv = all(beta) * total, df = zeros() - dv;
        dbeta = fma(total, left, dbeta), along = fma(out, changed, along);
        put<HALF>(g.v.data, t * g.v.stride + n * P + p, dv);
        store(dout + p, out), store(dfound + p, df), store(change + p, changed);
        for (int64_t h = 0; h < H; h++)
            store(ds.plain + h * P + p, decay * fma(all(k[h]), df, load(ds.plain + h * P + p)));
    }
    g.beta[gate] = sum_of(dbeta);
    const float change_along = sum_of(along);
    Floats ddecay = zeros();
    for (int64_t h = 0; h < H; h += LANES) {
        Floats unit_q = load(q + h), unit_k = load(k + h);
        Floats to_q = fma(all(change_along), unit_k, load(unit.dq + h)), to_k = load(unit.dk + h);
        for (int64_t p = 0; p < P; p++) {
            Floats out = all(dout[p]), df = all(dfound[p]), state = load(kept + p * H + h);
            Floats x = fma(out, unit_q, load(ds.transposed + p * H + h));
            to_k = fma(all(change[p]), x, to_k);
            x = fma(df, unit_k, x);
            to_k = fma(df, state, to_k), to_q = fma(out, state, to_q), ddecay = fma(x, state, ddecay);
            store(ds.transposed + p * H + h, decay * x);
        }
        store(unit.dq + h, to_q), store(unit.dk + h, to_k);
    }
    g.decay[gate] = sum_of(ddecay);
}

// Through the normalisation u = scale x / |x|: dx = scale (du - y (y du)) / |x|, y = x / |x|.
template <bool HALF>
static inline void through_unit(const Values &x, int64_t t, int64_t at, int64_t size, float scale, const float *du,
                                const Values &dx, float *unit) {
    float inverse = make_unit<HALF>(x.data, t * x.stride + at, size, 1.0f, unit);
    Floats along = zeros();
    for (int64_t h = 0; h < size; h += LANES) along = fma(load(unit + h), load(du + h), along);
    Floats part = all(sum_of(along)), factor = all(scale * inverse);
    for (int64_t h = 0; h < size; h += LANES)
        put<HALF>(dx.data, t * dx.stride + at + h, (load(du + h) - load(unit + h) * part) * factor);
}

template <bool HALF, int HS, int PS>
static void delta_chunk_backward(const DeltaPass &d, const DeltaGradients &g, int64_t m, int64_t chunk, int64_t first,
                                 int64_t last, float *gradients, float *scratch) {
    const int64_t H = HS ? HS : d.key_size, P = PS ? PS : d.value_size, group = d.num_values / d.num_keys;
    const int64_t width = HALF ? 2 : 4, all_keys = DELTA_CHUNK * H;
    const float scale = 1.0f / __builtin_sqrtf(float(H));
    float *kept = scratch, *state = kept + DELTA_CHUNK * H * P, *queries = state + H * P, *keys = queries + all_keys;
    float *dqueries = keys + all_keys, *dkeys = dqueries + all_keys, *token = dkeys + all_keys;
    for (int64_t i = 0; i < 2 * all_keys; i++) dqueries[i] = 0.0f;
    for (int64_t t = first; t < last; t++) {
        make_unit<HALF>(d.q.data, t * d.q.stride + m * H, H, scale, queries + (t - first) * H);
        make_unit<HALF>(d.k.data, t * d.k.stride + m * H, H, 1.0f, keys + (t - first) * H);
    }
    const Values rest{d.rest, d.num_values * P};
    for (int64_t i = 0; i < group; i++) {
        const int64_t n = m * group + i;
        StateGradient ds{gradients + 2 * i * H * P, gradients + (2 * i + 1) * H * P};
        for (int64_t t = first; t < last; t++) fetch(rest, t, n * P, P, 4), fetch(g.out, t, n * P, P, width);
        chunk_states<HS, PS>(d, n, chunk, first, last, keys, state, kept);
        for (int64_t t = last - 1; t >= first; t--) {
            int64_t at = (t - first) * H;
            Unit unit{queries + at, keys + at, dqueries + at, dkeys + at};
            delta_token_backward<HALF, HS, PS>(d, g, t, n, unit, kept + at * P, ds, token);
        }
    }
    for (int64_t t = first; t < last; t++) {
        through_unit<HALF>(d.q, t, m * H, H, scale, dqueries + (t - first) * H, g.q, token);
        through_unit<HALF>(d.k, t, m * H, H, 1.0f, dkeys + (t - first) * H, g.k, token);
    }
}

template <bool HALF, int HS, int PS>
static void delta_backward_as(const DeltaPass &d, const DeltaGradients &g, int64_t m, float *scratch) {
    const int64_t H = HS ? HS : d.key_size, P = PS ? PS : d.value_size, group = d.num_values / d.num_keys;
    float *gradients = scratch, *room = gradients + 2 * group * H * P;
    int64_t before = 0;
    for (int64_t s = 0; s < d.num_sequences; s++) {
        int64_t start = d.offsets[s], end = d.offsets[s + 1], count = (end - start + DELTA_CHUNK - 1) / DELTA_CHUNK;
        for (int64_t i = 0; i < 2 * group * H * P; i++) gradients[i] = 0.0f;
        for (int64_t c = count - 1; c >= 0; c--) {
            int64_t first = start + c * DELTA_CHUNK, last = first + DELTA_CHUNK < end ? first + DELTA_CHUNK : end;
            delta_chunk_backward<HALF, HS, PS>(d, g, m, before + c, first, last, gradients, room);
        }
        before += count;
    }
}

template <bool HALF>
static inline float inverse_rms(const void *x, int64_t at, int64_t width, float eps) {
    Floats squares = zeros();
    for (int64_t i = 0; i < width; i += LANES) {
        Floats part = get<HALF>(x, at + i);
        squares = fma(part, part, squares);
    }
    return 1.0f / __builtin_sqrtf(sum_of(squares) / float(width) + eps);
}

template <bool HALF>
static void gated_norm_forward_as(const void *x, const void *gate, const float *weight, float eps, int64_t width,
                                  int64_t first, int64_t last, void *y) {
    for (int64_t row = first; row < last; row++) {
        int64_t at = row * width;
        Floats inverse = all(inverse_rms<HALF>(x, at, width, eps));
        for (int64_t i = 0; i < width; i += LANES) {
            Floats z = get<HALF>(gate, at + i);
            put<HALF>(y, at + i, load(weight + i) * (get<HALF>(x, at + i) * inverse) * (z * sigmoid(z)));
        }
    }
}

template <bool HALF>
static void gated_norm_backward_as(const void *x, const void *gate, const float *weight, float eps, int64_t width,
                                   int64_t first, int64_t last, const void *dy, void *dx, void *dgate,
                                   float *dweight) {
    for (int64_t row = first; row < last; row++) {
        int64_t at = row * width;
        float inverse = inverse_rms<HALF>(x, at, width, eps);
        Floats along = zeros();
        for (int64_t i = 0; i < width; i += LANES) {
            Floats z = get<HALF>(gate, at + i), s = sigmoid(z), unit = get<HALF>(x, at + i) * all(inverse);
            Floats given = get<HALF>(dy, at + i), w = load(weight + i), opened = given * (z * s);
            put<HALF>(dgate, at + i, given * w * unit * silu_slope(z, s));
            store(dweight + i, fma(opened, unit, load(dweight + i)));
            along = fma(opened * w, unit, along);
        }
        Floats mean = all(sum_of(along) / float(width));
        for (int64_t i = 0; i < width; i += LANES) {
            Floats z = get<HALF>(gate, at + i), unit = get<HALF>(x, at + i) * all(inverse);
            Floats dunit = get<HALF>(dy, at + i) * (z * sigmoid(z)) * load(weight + i);
            put<HALF>(dx, at + i, (dunit - unit * mean) * all(inverse));
        }
    }
}

// `centre` is added to the weight.
template <bool HALF>
static void norm_forward_as(const void *x, const float *weight, float centre, float eps, int64_t width, int64_t first,
                            int64_t last, void *y) {
    for (int64_t row = first; row < last; row++) {
        int64_t at = row * width;
        Floats inverse = all(inverse_rms<HALF>(x, at, width, eps));
        for (int64_t i = 0; i < width; i += LANES)
            put<HALF>(y, at + i, (load(weight + i) + all(centre)) * (get<HALF>(x, at + i) * inverse));
    }
}

// u = x / rms(x), du = weight dy: dx = (du - u mean(du u)) / rms(x); `dweight` is added to.
template <bool HALF>
static void norm_backward_as(const void *x, const float *weight, float centre, float eps, int64_t width, int64_t first,
                             int64_t last, const void *dy, void *dx, float *dweight) {
    for (int64_t row = first; row < last; row++) {
        int64_t at = row * width;
        float inverse = inverse_rms<HALF>(x, at, width, eps);
        Floats along = zeros();
        for (int64_t i = 0; i < width; i += LANES) {
            Floats part = get<HALF>(dy, at + i) * (get<HALF>(x, at + i) * all(inverse));
            store(dweight + i, load(dweight + i) + part);
            along = fma(part, load(weight + i) + all(centre), along);
        }
        Floats mean = all(sum_of(along) / float(width));
        for (int64_t i = 0; i < width; i += LANES) {
            Floats unit = get<HALF>(x, at + i) * all(inverse);
            Floats dunit = get<HALF>(dy, at + i) * (load(weight + i) + all(centre));
            put<HALF>(dx, at + i, (dunit - unit * mean) * all(inverse));
        }
    }
}

template <bool HALF>
static void swiglu_forward_as(const void *both, const float *scale, int64_t width, int64_t first, int64_t last,
                              void *y) {
    for (int64_t row = first; row < last; row++)
        for (int64_t i = 0; i < width; i += LANES) {
            Floats gate = get<HALF>(both, 2 * row * width + i), up = get<HALF>(both, (2 * row + 1) * width + i);
            put<HALF>(y, row * width + i, gate * sigmoid(gate) * up * all(scale[row]));
        }
}

template <bool HALF>
static void swiglu_backward_as(const void *both, const float *scale, int64_t width, int64_t first, int64_t last,
                               const void *dy, void *dboth, float *dscale) {
    for (int64_t row = first; row < last; row++) {
        Floats total = zeros(), factor = all(scale[row]);
        for (int64_t i = 0; i < width; i += LANES) {
            Floats gate = get<HALF>(both, 2 * row * width + i), up = get<HALF>(both, (2 * row + 1) * width + i);
            Floats s = sigmoid(gate), open = gate * s, given = get<HALF>(dy, row * width + i);
            total = fma(given, open * up, total);
            given = given * factor;
            put<HALF>(dboth, 2 * row * width + i, given * up * silu_slope(gate, s));
            put<HALF>(dboth, (2 * row + 1) * width + i, given * open);
        }
        dscale[row] = sum_of(total);
    }
}

#define YQ_AS(name, ...) (kind == YQ_BF16 ? name<true>(__VA_ARGS__) : name<false>(__VA_ARGS__))

static void conv_forward(int kind, Values x, const float *weight, int width, const int32_t *offsets,
                         int64_t num_sequences, int64_t block, Values y) {
    bool half = kind == YQ_BF16;
    auto run = width == 4 ? (half ? conv_forward_as<true, 4> : conv_forward_as<false, 4>)
                          : (half ? conv_forward_as<true, 0> : conv_forward_as<false, 0>);
    run(x, weight, width, offsets, num_sequences, block, y);
}

static void conv_backward(int kind, Values x, const float *weight, int width, const int32_t *offsets,
                          int64_t num_sequences, int64_t block, Values dy, Values dx, float *dweight) {
    bool half = kind == YQ_BF16;
    auto run = width == 4 ? (half ? conv_backward_as<true, 4> : conv_backward_as<false, 4>)
                          : (half ? conv_backward_as<true, 0> : conv_backward_as<false, 0>);
    run(x, weight, width, offsets, num_sequences, block, dy, dx, dweight);
}

static void delta_forward(const DeltaPass &d, int64_t m, float *scratch) {
    bool half = d.kind == YQ_BF16;
    if (d.key_size == 32 && d.value_size == 32)
        return half ? delta_forward_as<true, 32, 32>(d, m, scratch) : delta_forward_as<false, 32, 32>(d, m, scratch);
    half ? delta_forward_as<true, 0, 0>(d, m, scratch) : delta_forward_as<false, 0, 0>(d, m, scratch);
}

static void delta_backward(const DeltaPass &d, const DeltaGradients &g, int64_t m, float *scratch) {
    bool half = d.kind == YQ_BF16;
    if (d.key_size == 32 && d.value_size == 32)
        return half ? delta_backward_as<true, 32, 32>(d, g, m, scratch)
                    : delta_backward_as<false, 32, 32>(d, g, m, scratch);
    half ? delta_backward_as<true, 0, 0>(d, g, m, scratch) : delta_backward_as<false, 0, 0>(d, g, m, scratch);
}

static void gated_norm_forward(int kind, const void *x, const void *gate, const float *weight, float eps,
                               int64_t width, int64_t first, int64_t last, void *y) {
    YQ_AS(gated_norm_forward_as, x, gate, weight, eps, width, first, last, y);
}

static void gated_norm_backward(int kind, const void *x, const void *gate, const float *weight, float eps,
                                int64_t width, int64_t first, int64_t last, const void *dy, void *dx, void *dgate,
                                float *dweight) {
    YQ_AS(gated_norm_backward_as, x, gate, weight, eps, width, first, last, dy, dx, dgate, dweight);
}

static void norm_forward(int kind, const void *x, const float *weight, float centre, float eps, int64_t width,
                         int64_t first, int64_t last, void *y) {
    YQ_AS(norm_forward_as, x, weight, centre, eps, width, first, last, y);
}

static void norm_backward(int kind, const void *x, const float *weight, float centre, float eps, int64_t width,
                          int64_t first, int64_t last, const void *dy, void *dx, float *dweight) {
    YQ_AS(norm_backward_as, x, weight, centre, eps, width, first, last, dy, dx, dweight);
}

static void swiglu_forward(int kind, const void *both, const float *scale, int64_t width, int64_t first, int64_t last,
                           void *y) {
    YQ_AS(swiglu_forward_as, both, scale, width, first, last, y);
}

static void swiglu_backward(int kind, const void *both, const float *scale, int64_t width, int64_t first, int64_t last,
                            const void *dy, void *dboth, float *dscale) {
    YQ_AS(swiglu_backward_as, both, scale, width, first, last, dy, dboth, dscale);
}
#undef YQ_AS

static const TrainingKernels training = {
    conv_forward,       conv_backward,       delta_forward,  delta_backward,
    gated_norm_forward, gated_norm_backward, norm_forward,   norm_backward,
    swiglu_forward,     swiglu_backward,
};
