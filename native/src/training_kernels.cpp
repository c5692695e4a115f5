// The training kernels of one level, compiled as kernels.cpp is.
#include "training.h"
#if YQ_LANES == 1 || YQ_LANES == 2
#include <immintrin.h>
#elif YQ_LANES == 3
#include <arm_neon.h>
#endif

namespace yq::YQ_LEVEL {
#include "lanes.h"
#include "training.inl"
}  // namespace yq::YQ_LEVEL

#define YQ_JOIN(a, b) a##b
#define YQ_TABLE(level) YQ_JOIN(level, _training)
namespace yq {
extern const TrainingKernels &YQ_TABLE(YQ_LEVEL);
const TrainingKernels &YQ_TABLE(YQ_LEVEL) = YQ_LEVEL::training;
}  // namespace yq
