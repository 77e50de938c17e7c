#include "engine/kernels.h"

namespace wembed {

// Constant-initialized, so that it holds whatever runs before main.
#define WEMBED_VARIANT(NAME) NAME##_simd128,
Kernels kKernels = {WEMBED_FOR_EACH_KERNEL(WEMBED_VARIANT)};

}  // namespace wembed
