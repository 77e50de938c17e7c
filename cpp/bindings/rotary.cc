#include "bindings/call.h"
#include "bindings/exports.h"
#include "engine/kernels.h"

namespace wembed::bindings {

void rotary(uint32_t x, uint32_t n, uint32_t heads, uint32_t head_dim, uint32_t pairs, bool interleaved, uint32_t cos,
            uint32_t sin) {
  kKernels.rotary(at<float>(x), n, {heads, head_dim, pairs, interleaved}, at<float>(cos), at<float>(sin));
}

}  // namespace wembed::bindings
