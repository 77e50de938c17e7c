#include "train/train_kernels.h"

namespace wembed::train {

#define WEMBED_VARIANT(NAME) NAME##_simd128,
#ifdef WEMBED_ALL_VARIANTS
const TrainKernels kSimd128TrainKernels = {WEMBED_FOR_EACH_TRAIN_KERNEL(WEMBED_VARIANT)};
#else
const TrainKernels kTrainKernels = {WEMBED_FOR_EACH_TRAIN_KERNEL(WEMBED_VARIANT)};
#endif

}  // namespace wembed::train
