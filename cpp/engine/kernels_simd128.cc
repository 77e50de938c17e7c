#include "engine/kernels.h"

namespace wembed {

#define WEMBED_VARIANT(NAME) NAME##_simd128,
#ifdef WEMBED_ALL_VARIANTS
const Kernels kSimd128Kernels = {WEMBED_FOR_EACH_KERNEL(WEMBED_VARIANT)};
#else
const Kernels kKernels = {WEMBED_FOR_EACH_KERNEL(WEMBED_VARIANT)};
#endif

}  // namespace wembed
