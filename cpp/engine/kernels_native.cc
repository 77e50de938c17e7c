#include "engine/kernels.h"

namespace wembed {

// Constant-initialized, so that it is valid for code that runs before main.
#define WEMBED_VARIANT(NAME) NAME##_simd128,
Kernels kKernels = {WEMBED_FOR_EACH_KERNEL(WEMBED_VARIANT)};

}  // namespace wembed
