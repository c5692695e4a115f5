#include "core.h"
#if 1
#include <immintrin.h>
#endif

namespace yq::avx2 {
#define YQ_LANES 1
#include "lanes.h"
#include "kernels.inl"
}  // namespace yq::avx2

namespace yq {
extern const Kernels &avx2_kernels;
const Kernels &avx2_kernels = avx2::table;
}  // namespace yq
