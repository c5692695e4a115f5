// Which level's kernels run: the best that this processor has, or the one that was asked for.
#include "core.h"

namespace yq {

extern const Kernels &scalar_kernels;
#if defined(YQ_X86)
extern const Kernels &avx2_kernels, &avx512_kernels;

static bool has(int level) {
    __builtin_cpu_init();
    if (level == YQ_AVX512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vnni");
    if (level == YQ_AVX2)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    return level == YQ_SCALAR;
}
#elif defined(YQ_ARM)
extern const Kernels &neon_kernels;

static bool has(int level) { return level == YQ_NEON || level == YQ_SCALAR; }
#else
static bool has(int level) { return level == YQ_SCALAR; }
#endif

static int best() {
    for (int level : {YQ_NEON, YQ_AVX512, YQ_AVX2})
        if (has(level)) return level;
    return YQ_SCALAR;
}

static std::atomic<int> current{-1};

const Kernels &kernels() {
    switch (yq_level()) {
#if defined(YQ_X86)
        case YQ_AVX512: return avx512_kernels;
        case YQ_AVX2: return avx2_kernels;
#elif defined(YQ_ARM)
        case YQ_NEON: return neon_kernels;
#endif
        default: return scalar_kernels;
    }
}

}  // namespace yq

extern "C" {

int yq_version(void) { return YQ_VERSION; }
int yq_best_level(void) { return yq::best(); }
int yq_has_level(int level) { return yq::has(level); }
int yq_level(void) {
    int level = yq::current.load(std::memory_order_relaxed);
    if (level < 0) yq::current.store(level = yq::best(), std::memory_order_relaxed);
    return level;
}
int yq_set_level(int level) {
    if (!yq::has(level)) return -1;
    yq::current.store(level, std::memory_order_relaxed);
    return 0;
}
}
