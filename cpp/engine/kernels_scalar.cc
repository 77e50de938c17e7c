#include "engine/kernels.h"

namespace wembed {

#define WEMBED_VARIANT(NAME) NAME##_scalar,
#ifdef WEMBED_ALL_VARIANTS
const Kernels kScalarKernels = {WEMBED_FOR_EACH_KERNEL(WEMBED_VARIANT)};
#else
const Kernels kKernels = {WEMBED_FOR_EACH_KERNEL(WEMBED_VARIANT)};
#endif

}  // namespace wembed
