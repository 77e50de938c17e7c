#pragma once
#include "train/logistic_step.h"
#include "train/matrix_products.h"

/// Every operation of training with variants: each is a function `<name>_scalar` and a function `<name>_simd128`.
#define WEMBED_FOR_EACH_TRAIN_KERNEL(KERNEL) \
  KERNEL(logistic_step)                      \
  KERNEL(add_scaled)                         \
  KERNEL(scale)                              \
  KERNEL(matrix_products)                    \
  KERNEL(add_products)

namespace wembed::train {

/// The kernels of one variant, as in engine/kernels.h.
struct TrainKernels {
#define WEMBED_MEMBER(NAME) decltype(&NAME##_scalar) NAME;  // NOLINT(bugprone-macro-parentheses): it declares
  WEMBED_FOR_EACH_TRAIN_KERNEL(WEMBED_MEMBER)
#undef WEMBED_MEMBER
};

#ifdef WEMBED_ALL_VARIANTS
extern TrainKernels kTrainKernels;
extern const TrainKernels kScalarTrainKernels, kSimd128TrainKernels;
#else
extern const TrainKernels kTrainKernels;
#endif

}  // namespace wembed::train
