// The kernels of one level. Compiled once for each, with its number in YQ_LANES and its name in YQ_LEVEL.
#include "training.h"
#if YQ_LANES == 1 || YQ_LANES == 2
#include <immintrin.h>
#elif YQ_LANES == 3
#include <arm_neon.h>
#endif

namespace yq::YQ_LEVEL {
#include "lanes.h"
#include "kernels.inl"
#include "training.inl"
}  // namespace yq::YQ_LEVEL

#define YQ_JOIN(a, b) a##b
#define YQ_TABLE(level, name) YQ_JOIN(level, name)
namespace yq {
extern const Kernels &YQ_TABLE(YQ_LEVEL, _kernels);
const Kernels &YQ_TABLE(YQ_LEVEL, _kernels) = YQ_LEVEL::table;
extern const TrainingKernels &YQ_TABLE(YQ_LEVEL, _training);
const TrainingKernels &YQ_TABLE(YQ_LEVEL, _training) = YQ_LEVEL::training;
}  // namespace yq
