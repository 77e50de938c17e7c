#include "bindings/call.h"
#include "bindings/exports.h"
#include "engine/kernels.h"

namespace wembed::bindings {

void normalize(uint32_t x, uint32_t n, uint32_t dim, double epsilon) {
  kKernels.normalize(at<float>(x), n, dim, epsilon);
}

float cosine(uint32_t a, uint32_t b, uint32_t dim) { return kKernels.cosine(at<float>(a), at<float>(b), dim); }

void layer_norm(uint32_t x, uint32_t n, uint32_t dim, uint32_t weight, uint32_t bias, float epsilon) {
  kKernels.layer_norm(at<float>(x), n, dim, at<float>(weight), at<float>(bias), epsilon);
}

void rotary(uint32_t x, uint32_t n, uint32_t heads, uint32_t head_dim, uint32_t pairs, bool interleaved, uint32_t cos,
            uint32_t sin) {
  kKernels.rotary(at<float>(x), n, {heads, head_dim, pairs, interleaved}, at<float>(cos), at<float>(sin));
}

void hamming(uint32_t rows, uint32_t x, uint32_t n, uint32_t bytes, uint32_t out) {
  kKernels.hamming(at<uint8_t>(rows), at<uint8_t>(x), n, bytes, at<uint32_t>(out));
}

}  // namespace wembed::bindings
