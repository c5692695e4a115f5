// Sixteen lanes of float32 or int32, by level. Included once per level, inside that level's namespace.
// Every level computes a lane by the same IEEE operations, so their results are equal to the bit.

constexpr int LANES = 16;

#if YQ_LANES == 2  // AVX-512 with VNNI

constexpr int REGISTERS = 32;  // of sixteen lanes

struct Floats { __m512 v; };
struct Ints { __m512i v; };

static inline Floats zeros() { return {_mm512_setzero_ps()}; }
static inline Floats all(float x) { return {_mm512_set1_ps(x)}; }
static inline Floats load(const float *p) { return {_mm512_loadu_ps(p)}; }
static inline void store(float *p, Floats a) { _mm512_storeu_ps(p, a.v); }
static inline Floats load(const float *p, int n) { return {_mm512_maskz_loadu_ps(__mmask16((1u << n) - 1), p)}; }
static inline void store(float *p, Floats a, int n) { _mm512_mask_storeu_ps(p, __mmask16((1u << n) - 1), a.v); }
static inline Floats fma(Floats a, Floats b, Floats c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
static inline Floats operator+(Floats a, Floats b) { return {_mm512_add_ps(a.v, b.v)}; }
static inline Floats operator-(Floats a, Floats b) { return {_mm512_sub_ps(a.v, b.v)}; }
static inline Floats operator*(Floats a, Floats b) { return {_mm512_mul_ps(a.v, b.v)}; }
static inline Floats operator/(Floats a, Floats b) { return {_mm512_div_ps(a.v, b.v)}; }
static inline Floats larger(Floats a, Floats b) { return {_mm512_max_ps(a.v, b.v)}; }
static inline Floats magnitude(Floats a) { return {_mm512_abs_ps(a.v)}; }
static inline Floats zero_below(Floats a, Floats x, float limit) {
    return {_mm512_maskz_mov_ps(_mm512_cmp_ps_mask(x.v, _mm512_set1_ps(limit), _CMP_GE_OQ), a.v)};
}
static inline Ints no_ints() { return {_mm512_setzero_si512()}; }
static inline Ints all_ints(int32_t x) { return {_mm512_set1_epi32(x)}; }
static inline Ints operator-(Ints a, Ints b) { return {_mm512_sub_epi32(a.v, b.v)}; }
static inline Ints operator+(Ints a, Ints b) { return {_mm512_add_epi32(a.v, b.v)}; }
static inline Ints operator*(Ints a, Ints b) { return {_mm512_mullo_epi32(a.v, b.v)}; }
static inline Ints load_codes(const uint8_t *p) {
    return {_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)p))};
}
static inline Floats to_floats(Ints a) { return {_mm512_cvtepi32_ps(a.v)}; }
static inline Ints to_ints(Floats a) { return {_mm512_cvtps_epi32(a.v)}; }
static inline Floats power_of_two(Ints n) {
    return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_add_epi32(n.v, _mm512_set1_epi32(127)), 23))};
}
static inline void store_bytes(int8_t *p, Ints a) { _mm_storeu_si128((__m128i *)p, _mm512_cvtepi32_epi8(a.v)); }
static inline Floats load_half(const uint16_t *p) {
    return {_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p))};
}
static inline Floats load_bf16(const uint16_t *p) {
    return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p)), 16))};
}
static inline Floats load_int8(const int8_t *p) {
    return {_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)p)))};
}
// Of sixteen pairs of bfloat16, the first ones and the second ones.
static inline void load_pairs(const uint16_t *p, Floats &first, Floats &second) {
    __m512i both = _mm512_loadu_si512(p);
    first.v = _mm512_castsi512_ps(_mm512_slli_epi32(both, 16));
    second.v = _mm512_castsi512_ps(_mm512_and_si512(both, _mm512_set1_epi32(int(0xffff0000u))));
}
// Sixteen lanes of four unsigned bytes, each times the same four signed bytes, added to the lane.
struct Bytes { __m512i v; };
static inline Bytes load_bytes(const uint8_t *p) { return {_mm512_loadu_si512(p)}; }
static inline Bytes low_nibbles(Bytes a) { return {_mm512_and_si512(a.v, _mm512_set1_epi8(15))}; }
static inline Bytes high_nibbles(Bytes a) {
    return {_mm512_and_si512(_mm512_srli_epi16(a.v, 4), _mm512_set1_epi8(15))};
}
// In assembler, since compilers copy the sum and load the four bytes apart: together that takes half as long again.
static inline Ints dot(Ints sum, Bytes w, const int8_t *x) {
    asm("vpdpbusd %2%{1to16%}, %1, %0" : "+v"(sum.v) : "v"(w.v), "m"(*(const int32_t(*)[1])x));
    return sum;
}
static inline void prefetch(const void *p) { _mm_prefetch((const char *)p, _MM_HINT_T0); }

#elif YQ_LANES == 1  // AVX2 with FMA and F16C

constexpr int REGISTERS = 8;

struct Floats { __m256 a, b; };
struct Ints { __m256i a, b; };

#define YQ_BOTH(f) {f(x.a), f(x.b)}
static inline Floats zeros() { return {_mm256_setzero_ps(), _mm256_setzero_ps()}; }
static inline Floats all(float x) { return {_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
static inline Floats load(const float *p) { return {_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
static inline void store(float *p, Floats x) { _mm256_storeu_ps(p, x.a), _mm256_storeu_ps(p + 8, x.b); }
static inline Floats load(const float *p, int n) {
    float whole[16] = {};
    memcpy(whole, p, size_t(n) * 4);
    return load(whole);
}
static inline void store(float *p, Floats x, int n) {
    float whole[16];
    store(whole, x);
    memcpy(p, whole, size_t(n) * 4);
}
static inline Floats fma(Floats x, Floats y, Floats z) {
    return {_mm256_fmadd_ps(x.a, y.a, z.a), _mm256_fmadd_ps(x.b, y.b, z.b)};
}
static inline Floats operator+(Floats x, Floats y) { return {_mm256_add_ps(x.a, y.a), _mm256_add_ps(x.b, y.b)}; }
static inline Floats operator-(Floats x, Floats y) { return {_mm256_sub_ps(x.a, y.a), _mm256_sub_ps(x.b, y.b)}; }
static inline Floats operator*(Floats x, Floats y) { return {_mm256_mul_ps(x.a, y.a), _mm256_mul_ps(x.b, y.b)}; }
static inline Floats operator/(Floats x, Floats y) { return {_mm256_div_ps(x.a, y.a), _mm256_div_ps(x.b, y.b)}; }
static inline Floats larger(Floats x, Floats y) { return {_mm256_max_ps(x.a, y.a), _mm256_max_ps(x.b, y.b)}; }
static inline Floats magnitude(Floats x) {
    __m256 mask = _mm256_castsi256_ps(_mm256_set1_epi32(0x7fffffff));
    return {_mm256_and_ps(x.a, mask), _mm256_and_ps(x.b, mask)};
}
static inline Floats zero_below(Floats a, Floats x, float limit) {
    __m256 least = _mm256_set1_ps(limit);
    return {_mm256_and_ps(a.a, _mm256_cmp_ps(x.a, least, _CMP_GE_OQ)),
            _mm256_and_ps(a.b, _mm256_cmp_ps(x.b, least, _CMP_GE_OQ))};
}
static inline Ints no_ints() { return {_mm256_setzero_si256(), _mm256_setzero_si256()}; }
static inline Ints all_ints(int32_t x) { return {_mm256_set1_epi32(x), _mm256_set1_epi32(x)}; }
static inline Ints operator-(Ints x, Ints y) { return {_mm256_sub_epi32(x.a, y.a), _mm256_sub_epi32(x.b, y.b)}; }
static inline Ints operator+(Ints x, Ints y) { return {_mm256_add_epi32(x.a, y.a), _mm256_add_epi32(x.b, y.b)}; }
static inline Ints operator*(Ints x, Ints y) { return {_mm256_mullo_epi32(x.a, y.a), _mm256_mullo_epi32(x.b, y.b)}; }
static inline Ints load_codes(const uint8_t *p) {
    return {_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)p)),
            _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(p + 8)))};
}
static inline Floats to_floats(Ints x) { return YQ_BOTH(_mm256_cvtepi32_ps); }
static inline Ints to_ints(Floats x) { return YQ_BOTH(_mm256_cvtps_epi32); }
static inline Floats power_of_two(Ints n) {
    Ints x = n + all_ints(127);
    return {_mm256_castsi256_ps(_mm256_slli_epi32(x.a, 23)), _mm256_castsi256_ps(_mm256_slli_epi32(x.b, 23))};
}
static inline void store_bytes(int8_t *p, Ints x) {
    int32_t whole[16];
    _mm256_storeu_si256((__m256i *)whole, x.a), _mm256_storeu_si256((__m256i *)(whole + 8), x.b);
    for (int i = 0; i < 16; i++) p[i] = int8_t(whole[i]);
}
static inline Floats load_half(const uint16_t *p) {
    return {_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p)),
            _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(p + 8)))};
}
static inline __m256 widen(const uint16_t *p) {
    __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p));
    return _mm256_castsi256_ps(_mm256_slli_epi32(wide, 16));
}
static inline Floats load_bf16(const uint16_t *p) { return {widen(p), widen(p + 8)}; }
static inline __m256 widen_int8(const int8_t *p) {
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)p)));
}
static inline Floats load_int8(const int8_t *p) { return {widen_int8(p), widen_int8(p + 8)}; }
static inline void load_pairs(const uint16_t *p, Floats &first, Floats &second) {
    __m256i a = _mm256_loadu_si256((const __m256i *)p), b = _mm256_loadu_si256((const __m256i *)(p + 16));
    __m256i high = _mm256_set1_epi32(int(0xffff0000u));
    first = {_mm256_castsi256_ps(_mm256_slli_epi32(a, 16)), _mm256_castsi256_ps(_mm256_slli_epi32(b, 16))};
    second = {_mm256_castsi256_ps(_mm256_and_si256(a, high)), _mm256_castsi256_ps(_mm256_and_si256(b, high))};
}
struct Bytes { __m256i a, b; };
static inline Bytes load_bytes(const uint8_t *p) {
    return {_mm256_loadu_si256((const __m256i *)p), _mm256_loadu_si256((const __m256i *)(p + 32))};
}
static inline Bytes low_nibbles(Bytes x) {
    __m256i mask = _mm256_set1_epi8(15);
    return {_mm256_and_si256(x.a, mask), _mm256_and_si256(x.b, mask)};
}
static inline Bytes high_nibbles(Bytes x) {
    return low_nibbles({_mm256_srli_epi16(x.a, 4), _mm256_srli_epi16(x.b, 4)});
}
// Even and odd bytes apart, so that no sum of two products leaves 16 bits.
static inline __m256i dot_half(__m256i sum, __m256i w, __m256i even, __m256i odd) {
    __m256i low = _mm256_and_si256(w, _mm256_set1_epi16(255)), high = _mm256_srli_epi16(w, 8);
    return _mm256_add_epi32(sum, _mm256_add_epi32(_mm256_madd_epi16(low, even), _mm256_madd_epi16(high, odd)));
}
static inline Ints dot(Ints sum, Bytes w, const int8_t *x) {
    auto pair = [](int8_t low, int8_t high) { return int(uint32_t(uint16_t(high)) << 16 | uint16_t(low)); };
    __m256i even = _mm256_set1_epi32(pair(x[0], x[2])), odd = _mm256_set1_epi32(pair(x[1], x[3]));
    return {dot_half(sum.a, w.a, even, odd), dot_half(sum.b, w.b, even, odd)};
}
static inline void prefetch(const void *p) { _mm_prefetch((const char *)p, _MM_HINT_T0); }
#undef YQ_BOTH

#elif YQ_LANES == 3  // NEON of 64-bit Arm; the dot product instruction where the compiler may use it

constexpr int REGISTERS = 8;

struct Floats { float32x4_t v[4]; };
struct Ints { int32x4_t v[4]; };
struct Bytes { uint8x16_t v[4]; };

#define YQ_FOUR(type, expression)                  \
    type r;                                        \
    for (int i = 0; i < 4; i++) r.v[i] = (expression); \
    return r
static inline Floats all(float x) { YQ_FOUR(Floats, vdupq_n_f32(x)); }
static inline Floats zeros() { return all(0.0f); }
static inline Floats load(const float *p) { YQ_FOUR(Floats, vld1q_f32(p + 4 * i)); }
static inline void store(float *p, Floats a) {
    for (int i = 0; i < 4; i++) vst1q_f32(p + 4 * i, a.v[i]);
}
static inline Floats load(const float *p, int n) {
    float whole[16] = {};
    memcpy(whole, p, size_t(n) * 4);
    return load(whole);
}
static inline void store(float *p, Floats a, int n) {
    float whole[16];
    store(whole, a);
    memcpy(p, whole, size_t(n) * 4);
}
static inline Floats fma(Floats a, Floats b, Floats c) { YQ_FOUR(Floats, vfmaq_f32(c.v[i], a.v[i], b.v[i])); }
static inline Floats operator+(Floats a, Floats b) { YQ_FOUR(Floats, vaddq_f32(a.v[i], b.v[i])); }
static inline Floats operator-(Floats a, Floats b) { YQ_FOUR(Floats, vsubq_f32(a.v[i], b.v[i])); }
static inline Floats operator*(Floats a, Floats b) { YQ_FOUR(Floats, vmulq_f32(a.v[i], b.v[i])); }
static inline Floats operator/(Floats a, Floats b) { YQ_FOUR(Floats, vdivq_f32(a.v[i], b.v[i])); }
// As x86 does: the second one where either is no number.
static inline Floats larger(Floats a, Floats b) {
    YQ_FOUR(Floats, vbslq_f32(vcgtq_f32(a.v[i], b.v[i]), a.v[i], b.v[i]));
}
static inline Floats magnitude(Floats a) { YQ_FOUR(Floats, vabsq_f32(a.v[i])); }
static inline Floats zero_below(Floats a, Floats x, float limit) {
    float32x4_t least = vdupq_n_f32(limit);
    YQ_FOUR(Floats, vbslq_f32(vcgeq_f32(x.v[i], least), a.v[i], vdupq_n_f32(0.0f)));
}
static inline Ints all_ints(int32_t x) { YQ_FOUR(Ints, vdupq_n_s32(x)); }
static inline Ints no_ints() { return all_ints(0); }
static inline Ints operator-(Ints a, Ints b) { YQ_FOUR(Ints, vsubq_s32(a.v[i], b.v[i])); }
static inline Ints operator+(Ints a, Ints b) { YQ_FOUR(Ints, vaddq_s32(a.v[i], b.v[i])); }
static inline Ints operator*(Ints a, Ints b) { YQ_FOUR(Ints, vmulq_s32(a.v[i], b.v[i])); }
static inline Ints load_codes(const uint8_t *p) {
    uint8x16_t bytes = vld1q_u8(p);
    uint16x8_t low = vmovl_u8(vget_low_u8(bytes)), high = vmovl_u8(vget_high_u8(bytes));
    uint32x4_t wide[4] = {vmovl_u16(vget_low_u16(low)), vmovl_u16(vget_high_u16(low)), vmovl_u16(vget_low_u16(high)),
                          vmovl_u16(vget_high_u16(high))};
    YQ_FOUR(Ints, vreinterpretq_s32_u32(wide[i]));
}
static inline Floats to_floats(Ints a) { YQ_FOUR(Floats, vcvtq_f32_s32(a.v[i])); }
static inline Ints to_ints(Floats a) {
    float32x4_t limit = vdupq_n_f32(2147483648.0f), least = vnegq_f32(limit);
    YQ_FOUR(Ints, vbslq_s32(vandq_u32(vcgeq_f32(a.v[i], least), vcltq_f32(a.v[i], limit)), vcvtnq_s32_f32(a.v[i]),
                            vdupq_n_s32(INT32_MIN)));
}
static inline Floats power_of_two(Ints n) {
    YQ_FOUR(Floats, vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(n.v[i], vdupq_n_s32(127)), 23)));
}
static inline void store_bytes(int8_t *p, Ints a) {
    int32_t whole[16];
    for (int i = 0; i < 4; i++) vst1q_s32(whole + 4 * i, a.v[i]);
    for (int i = 0; i < 16; i++) p[i] = int8_t(whole[i]);
}
static inline Floats load_half(const uint16_t *p) {
    YQ_FOUR(Floats, vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p + 4 * i))));
}
static inline Floats load_bf16(const uint16_t *p) {
    YQ_FOUR(Floats, vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(p + 4 * i), 16)));
}
static inline Floats load_int8(const int8_t *p) {
    int8x16_t bytes = vld1q_s8(p);
    int16x8_t low = vmovl_s8(vget_low_s8(bytes)), high = vmovl_s8(vget_high_s8(bytes));
    return {{vcvtq_f32_s32(vmovl_s16(vget_low_s16(low))), vcvtq_f32_s32(vmovl_s16(vget_high_s16(low))),
             vcvtq_f32_s32(vmovl_s16(vget_low_s16(high))), vcvtq_f32_s32(vmovl_s16(vget_high_s16(high)))}};
}
static inline void load_pairs(const uint16_t *p, Floats &first, Floats &second) {
    for (int i = 0; i < 4; i++) {
        uint32x4_t both = vreinterpretq_u32_u16(vld1q_u16(p + 8 * i));
        first.v[i] = vreinterpretq_f32_u32(vshlq_n_u32(both, 16));
        second.v[i] = vreinterpretq_f32_u32(vandq_u32(both, vdupq_n_u32(0xffff0000u)));
    }
}
static inline Bytes load_bytes(const uint8_t *p) { YQ_FOUR(Bytes, vld1q_u8(p + 16 * i)); }
static inline Bytes low_nibbles(Bytes a) { YQ_FOUR(Bytes, vandq_u8(a.v[i], vdupq_n_u8(15))); }
static inline Bytes high_nibbles(Bytes a) { YQ_FOUR(Bytes, vshrq_n_u8(a.v[i], 4)); }
static inline Ints dot(Ints sum, Bytes w, const int8_t *x) {
    int32_t four;
    memcpy(&four, x, 4);
    int8x16_t signed_x = vreinterpretq_s8_s32(vdupq_n_s32(four));
#ifdef __ARM_FEATURE_DOTPROD  // of signed bytes: 128 is taken from the weights, and its share given back
    int32x4_t share = vdupq_n_s32(128 * (x[0] + x[1] + x[2] + x[3]));
    YQ_FOUR(Ints, vaddq_s32(vdotq_s32(sum.v[i], vreinterpretq_s8_u8(veorq_u8(w.v[i], vdupq_n_u8(128))), signed_x), share));
#else
    int16x8_t wide_x = vmovl_s8(vget_low_s8(signed_x));
    auto products = [&](uint8x8_t half) {
        int16x8_t wide = vreinterpretq_s16_u16(vmovl_u8(half));
        return vpaddq_s32(vmull_s16(vget_low_s16(wide), vget_low_s16(wide_x)),
                          vmull_s16(vget_high_s16(wide), vget_high_s16(wide_x)));
    };
    YQ_FOUR(Ints, vaddq_s32(sum.v[i], vpaddq_s32(products(vget_low_u8(w.v[i])), products(vget_high_u8(w.v[i])))));
#endif
}
static inline void prefetch(const void *p) { __builtin_prefetch(p); }
#undef YQ_FOUR

#else  // scalar: the truth

constexpr int REGISTERS = 8;

struct Floats { float v[16]; };
struct Ints { int32_t v[16]; };
struct Bytes { uint8_t v[64]; };

#define YQ_EACH(type, expression)               \
    type r;                                     \
    for (int i = 0; i < 16; i++) r.v[i] = (expression); \
    return r
static inline Floats all(float x) { YQ_EACH(Floats, x); }
static inline Floats zeros() { return all(0.0f); }
static inline Floats load(const float *p) { YQ_EACH(Floats, p[i]); }
static inline void store(float *p, Floats a) { memcpy(p, a.v, 64); }
static inline Floats load(const float *p, int n) { YQ_EACH(Floats, i < n ? p[i] : 0.0f); }
static inline void store(float *p, Floats a, int n) { memcpy(p, a.v, size_t(n) * 4); }
static inline Floats fma(Floats a, Floats b, Floats c) { YQ_EACH(Floats, __builtin_fmaf(a.v[i], b.v[i], c.v[i])); }
static inline Floats operator+(Floats a, Floats b) { YQ_EACH(Floats, a.v[i] + b.v[i]); }
static inline Floats operator-(Floats a, Floats b) { YQ_EACH(Floats, a.v[i] - b.v[i]); }
static inline Floats operator*(Floats a, Floats b) { YQ_EACH(Floats, a.v[i] * b.v[i]); }
static inline Floats operator/(Floats a, Floats b) { YQ_EACH(Floats, a.v[i] / b.v[i]); }
static inline Floats larger(Floats a, Floats b) { YQ_EACH(Floats, a.v[i] > b.v[i] ? a.v[i] : b.v[i]); }
static inline Floats magnitude(Floats a) { YQ_EACH(Floats, __builtin_fabsf(a.v[i])); }
static inline Floats zero_below(Floats a, Floats x, float limit) { YQ_EACH(Floats, x.v[i] >= limit ? a.v[i] : 0.0f); }
static inline Ints all_ints(int32_t x) { YQ_EACH(Ints, x); }
static inline Ints no_ints() { return all_ints(0); }
static inline Ints operator-(Ints a, Ints b) { YQ_EACH(Ints, a.v[i] - b.v[i]); }
static inline Ints operator+(Ints a, Ints b) { YQ_EACH(Ints, int32_t(uint32_t(a.v[i]) + uint32_t(b.v[i]))); }
static inline Ints operator*(Ints a, Ints b) { YQ_EACH(Ints, int32_t(uint32_t(a.v[i]) * uint32_t(b.v[i]))); }
static inline Ints load_codes(const uint8_t *p) { YQ_EACH(Ints, p[i]); }
static inline Floats to_floats(Ints a) { YQ_EACH(Floats, float(a.v[i])); }
// As the vector instructions do: to the nearest, ties to even; what no int32 holds becomes the lowest one.
static inline int32_t to_int(float x) {
    return x >= -2147483648.0f && x < 2147483648.0f ? int32_t(__builtin_rintf(x)) : INT32_MIN;
}
static inline Ints to_ints(Floats a) { YQ_EACH(Ints, to_int(a.v[i])); }
static inline float with_bits(uint32_t bits) {
    float x;
    memcpy(&x, &bits, 4);
    return x;
}
static inline Floats power_of_two(Ints n) { YQ_EACH(Floats, with_bits(uint32_t(n.v[i] + 127) << 23)); }
static inline void store_bytes(int8_t *p, Ints a) {
    for (int i = 0; i < 16; i++) p[i] = int8_t(a.v[i]);
}
static inline Floats load_half(const uint16_t *p) { YQ_EACH(Floats, half_to_float(p[i])); }
static inline Floats load_bf16(const uint16_t *p) { YQ_EACH(Floats, with_bits(uint32_t(p[i]) << 16)); }
static inline Floats load_int8(const int8_t *p) { YQ_EACH(Floats, float(p[i])); }
static inline void load_pairs(const uint16_t *p, Floats &first, Floats &second) {
    for (int i = 0; i < 16; i++) {
        first.v[i] = with_bits(uint32_t(p[2 * i]) << 16);
        second.v[i] = with_bits(uint32_t(p[2 * i + 1]) << 16);
    }
}
static inline Bytes load_bytes(const uint8_t *p) {
    Bytes r;
    memcpy(r.v, p, 64);
    return r;
}
static inline Bytes low_nibbles(Bytes a) {
    for (uint8_t &x : a.v) x &= 15;
    return a;
}
static inline Bytes high_nibbles(Bytes a) {
    for (uint8_t &x : a.v) x >>= 4;
    return a;
}
static inline Ints dot(Ints sum, Bytes w, const int8_t *x) {
    for (int i = 0; i < 16; i++)
        for (int j = 0; j < 4; j++) sum.v[i] += int32_t(w.v[4 * i + j]) * x[j];
    return sum;
}
static inline void prefetch(const void *) {}
#undef YQ_EACH
#endif

// The lanes joined in one order.
static inline float sum_of(Floats a) {
    float x[16];
    store(x, a);
    for (int width = 8; width; width /= 2)
        for (int i = 0; i < width; i++) x[i] += x[i + width];
    return x[0];
}
static inline float lane(Floats a) {
    float x[16];
    store(x, a);
    return x[0];
}
static inline float largest_of(Floats a) {
    float x[16];
    store(x, a);
    float most = x[0];
    for (int i = 1; i < 16; i++) most = x[i] > most ? x[i] : most;
    return most;
}

// Of integers any order is one order; of magnitudes the largest is the one with the largest bits.
static inline int32_t sum_of(Ints a) {
#if YQ_LANES == 2
    return _mm512_reduce_add_epi32(a.v);
#else
    uint32_t x[16], sum = 0;
    memcpy(x, &a, 64);
    for (uint32_t one : x) sum += one;
    return int32_t(sum);
#endif
}
static inline float largest_magnitude(Floats a) {
    int32_t most;
#if YQ_LANES == 2
    most = _mm512_reduce_max_epi32(_mm512_castps_si512(a.v));
#else
    int32_t x[16];
    memcpy(x, &a, 64);
    most = x[0];
    for (int32_t one : x) most = one > most ? one : most;
#endif
    float largest;
    memcpy(&largest, &most, 4);
    return largest;
}

// e^x, to about two units in the last place; 0 below -87, and above 88 as at 88 (Cody and Waite's reduction, a polynomial of degree 6).
static inline Floats exponential(Floats x) {
    Floats bounded = zeros() - larger(zeros() - larger(x, all(-87.0f)), all(-88.0f));
    Ints n = to_ints(bounded * all(1.44269504f));
    Floats k = to_floats(n);
    Floats r = fma(k, all(-0.693359375f), bounded);
    r = fma(k, all(2.12194440e-4f), r);
    Floats p = all(1.9875691500e-4f);
    p = fma(p, r, all(1.3981999507e-3f));
    p = fma(p, r, all(8.3334519073e-3f));
    p = fma(p, r, all(4.1665795894e-2f));
    p = fma(p, r, all(1.6666665459e-1f));
    p = fma(p, r, all(5.0000001201e-1f));
    p = fma(p, r * r, r + all(1.0f));
    return zero_below(p * power_of_two(n), x, -87.0f);
}
