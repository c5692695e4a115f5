// The kernels of experts' routers and of gated DeltaNet, of one level, written once over `lanes.h`.

static void softmax(const float *x, int64_t width, float *out) {
    const float none = -__builtin_inff();
    Floats most = all(none);
    for (int64_t i = 0; i < width; i += LANES) {
        float part[LANES];
        for (int j = 0; j < LANES; j++) part[j] = i + j < width ? x[i + j] : none;
        most = larger(load(part), most);
    }
    float top = largest_of(most);
    Floats sum = zeros();
    for (int64_t i = 0; i < width; i += LANES) {
        int n = int(width - i < LANES ? width - i : LANES);
        store(out + i, exponential(load(x + i, n) - all(top)), n);
        sum = sum + load(out + i, n);
    }
    float total = sum_of(sum);
    for (int64_t i = 0; i < width; i += LANES) {
        int n = int(width - i < LANES ? width - i : LANES);
        store(out + i, load(out + i, n) / all(total), n);
    }
}

static void accumulate(const float *x, float factor, int64_t width, float *total) {
    for (int64_t i = 0; i < width; i += LANES) {
        int n = int(width - i < LANES ? width - i : LANES);
        store(total + i, fma(load(x + i, n), all(factor), load(total + i, n)), n);
    }
}

// Position `t` of a sequence, negative in its tail.
static inline const float *conv_row(const Conv &c, int64_t t) {
    return t < 0 ? c.tail + (c.taps - 1 + t) * c.channels : c.x + t * c.x_stride;
}

static void conv(const Conv &c) {
    for (int64_t t = 0; t < c.tokens; t++) {
        for (int i = 0; i < c.width; i += LANES) {
            int n = c.width - i < LANES ? c.width - i : LANES;
            Floats sum = zeros();
            for (int j = 0; j < c.taps; j++)
                sum = fma(load(c.weight + j * c.channels + i, n), load(conv_row(c, t - c.taps + 1 + j) + i, n), sum);
            store(c.out + t * c.out_stride + i, silu(sum), n);
        }
    }
    // A row is read before it is written: it comes from further back.
    for (int j = 0; j < c.taps - 1; j++)
        memmove(c.tail + j * c.channels, conv_row(c, c.tokens - c.taps + 1 + j), size_t(c.width) * 4);
}

static void unit_row(const float *x, int64_t width, float eps, float scale, float *out) {
    Floats squares = zeros();
    for (int64_t i = 0; i < width; i += LANES) {
        Floats part = load(x + i, int(width - i < LANES ? width - i : LANES));
        squares = fma(part, part, squares);
    }
    Floats factor = all(scale / __builtin_sqrtf(sum_of(squares) + eps));
    for (int64_t i = 0; i < width; i += LANES) {
        int n = int(width - i < LANES ? width - i : LANES);
        store(out + i, load(x + i, n) * factor, n);
    }
}

template <bool WHOLE>
static inline Floats load_some(const float *p, int n) { return WHOLE ? load(p) : load(p, n); }
template <bool WHOLE>
static inline void store_some(float *p, Floats x, int n) { WHOLE ? store(p, x) : store(p, x, n); }

// A column of the state is worked on by itself. While a token changes it, what the next token finds is added up.
template <int C, bool WHOLE>
static void delta_columns(const Delta &d, int64_t column, int width) {
    Floats found[C], change[C], out[C];
    float *state = d.state + column;
    const int64_t stride = d.state_stride;
    const int keys = d.key_size;
    for (int c = 0; c < C; c++) found[c] = zeros();
    for (int h = 0; h < keys; h++)
        for (int c = 0; c < C; c++)
            found[c] = fma(load_some<WHOLE>(state + h * stride + c * LANES, width), all(d.k[h]), found[c]);
    for (int64_t t = 0; t < d.tokens; t++) {
        const float *q = d.q + t * d.key_stride, *k = d.k + t * d.key_stride;
        const float *gates = d.gates + t * d.gate_stride, *v = d.v + t * d.value_stride + column;
        const Floats write = all(gates[0]), keep = all(gates[1]);
        for (int c = 0; c < C; c++) {
            change[c] = write * (load_some<WHOLE>(v + c * LANES, width) - keep * found[c]);
            out[c] = found[c] = zeros();
        }
        const float *next = t + 1 < d.tokens ? k + d.key_stride : nullptr;
        float *row = state;
        for (int h = 0; h < keys; h++, row += stride) {
            const Floats key = all(k[h]), query = all(q[h]), after = next ? all(next[h]) : zeros();
            for (int c = 0; c < C; c++) {
                Floats one = fma(key, change[c], keep * load_some<WHOLE>(row + c * LANES, width));
                store_some<WHOLE>(row + c * LANES, one, width);
                out[c] = fma(one, query, out[c]);
                if (next) found[c] = fma(one, after, found[c]);
            }
        }
        for (int c = 0; c < C; c++) store_some<WHOLE>(d.out + t * d.out_stride + column + c * LANES, out[c], width);
    }
}

// Of one token in the order of memory; of more in strips that stay in the nearest cache.
static void delta(const Delta &d, int64_t first, int64_t last) {
    int64_t column = first;
    if (d.tokens == 1)
        for (; column + 8 * LANES <= last; column += 8 * LANES) delta_columns<8, true>(d, column, LANES);
    for (; column + 2 * LANES <= last; column += 2 * LANES) delta_columns<2, true>(d, column, LANES);
    for (; column < last; column += LANES)
        delta_columns<1, false>(d, column, int(last - column < LANES ? last - column : LANES));
}

static void gated_norm(const float *x, const float *gate, const float *weight, float eps, int64_t width, float *out) {
    const Floats factor = all(inverse_rms(x, width, eps));
    for (int64_t i = 0; i < width; i += LANES) {
        int n = int(width - i < LANES ? width - i : LANES);
        store(out + i, load(weight + i, n) * (load(x + i, n) * factor) * silu(load(gate + i, n)), n);
    }
}

static void sigmoid_mul(const float *gate, const float *x, int64_t width, float *out) {
    for (int64_t i = 0; i < width; i += LANES) {
        int n = int(width - i < LANES ? width - i : LANES);
        store(out + i, load(x + i, n) / (all(1.0f) + exponential(zeros() - load(gate + i, n))), n);
    }
}
