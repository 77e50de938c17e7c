#include "train/train_kernels.h"

namespace wembed::train {

#define WEMBED_VARIANT(NAME) NAME##_scalar,
#ifdef WEMBED_ALL_VARIANTS
const TrainKernels kScalarTrainKernels = {WEMBED_FOR_EACH_TRAIN_KERNEL(WEMBED_VARIANT)};
#else
const TrainKernels kTrainKernels = {WEMBED_FOR_EACH_TRAIN_KERNEL(WEMBED_VARIANT)};
#endif

}  // namespace wembed::train
