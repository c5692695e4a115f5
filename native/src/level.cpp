// Which level's kernels run: the best that this processor has, or the one that was asked for.
#include "core.h"

namespace yq {

extern const Kernels &scalar_kernels;
#ifdef YQ_X86
extern const Kernels &avx2_kernels, &avx512_kernels;
#endif

static int best() {
#ifdef YQ_X86
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vnni"))
        return YQ_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c"))
        return YQ_AVX2;
#endif
    return YQ_SCALAR;
}

static std::atomic<int> current{-1};

const Kernels &kernels() {
#ifdef YQ_X86
    int level = yq_level();
    if (level == YQ_AVX512) return avx512_kernels;
    if (level == YQ_AVX2) return avx2_kernels;
#endif
    return scalar_kernels;
}

}  // namespace yq

extern "C" {

int yq_version(void) { return YQ_VERSION; }
int yq_best_level(void) { return yq::best(); }
int yq_level(void) {
    int level = yq::current.load(std::memory_order_relaxed);
    if (level < 0) yq::current.store(level = yq::best(), std::memory_order_relaxed);
    return level;
}
int yq_set_level(int level) {
    if (level < YQ_SCALAR || level > yq::best()) return -1;
    yq::current.store(level, std::memory_order_relaxed);
    return 0;
}
}
