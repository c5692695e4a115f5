#include "core.h"
#if 2
#include <immintrin.h>
#endif

namespace yq::avx512 {
#define YQ_LANES 2
#include "lanes.h"
#include "kernels.inl"
}  // namespace yq::avx512

namespace yq {
extern const Kernels &avx512_kernels;
const Kernels &avx512_kernels = avx512::table;
}  // namespace yq
