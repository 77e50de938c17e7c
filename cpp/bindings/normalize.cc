#include "bindings/call.h"
#include "bindings/exports.h"
#include "engine/kernels.h"

namespace wembed::bindings {

void normalize(uint32_t x, uint32_t n, uint32_t dim, double epsilon) {
  kKernels.normalize(at<float>(x), n, dim, epsilon);
}

}  // namespace wembed::bindings
