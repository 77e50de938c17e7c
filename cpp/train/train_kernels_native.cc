#include "train/train_kernels.h"

namespace wembed::train {

// Constant-initialized, as kKernels.
#define WEMBED_VARIANT(NAME) NAME##_simd128,
TrainKernels kTrainKernels = {WEMBED_FOR_EACH_TRAIN_KERNEL(WEMBED_VARIANT)};

}  // namespace wembed::train
