#include "bindings/call.h"
#include "bindings/exports.h"
#include "engine/kernels.h"

namespace wembed::bindings {

float cosine(uint32_t a, uint32_t b, uint32_t dim) { return kKernels.cosine(at<float>(a), at<float>(b), dim); }

}  // namespace wembed::bindings
