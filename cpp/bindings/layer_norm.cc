#include "bindings/call.h"
#include "bindings/exports.h"
#include "engine/kernels.h"

namespace wembed::bindings {

void layer_norm(uint32_t x, uint32_t n, uint32_t dim, uint32_t weight, uint32_t bias, float epsilon) {
  kKernels.layer_norm(at<float>(x), n, dim, at<float>(weight), at<float>(bias), epsilon);
}

}  // namespace wembed::bindings
