#include "core.h"
#if 0
#include <immintrin.h>
#endif

namespace yq::scalar {
#define YQ_LANES 0
#include "lanes.h"
#include "kernels.inl"
}  // namespace yq::scalar

namespace yq {
extern const Kernels &scalar_kernels;
const Kernels &scalar_kernels = scalar::table;
}  // namespace yq
