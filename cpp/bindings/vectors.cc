#include "bindings/call.h"
#include "bindings/exports.h"
#include "engine/kernels.h"
#include "engine/sign_search.h"

namespace wembed::bindings {
namespace {

/// The working memory of all calls. Never destroyed, as in table.cc.
union Forever {
  SignSearch signs;
  constexpr Forever() : signs() {}
  ~Forever() {}
};
Forever forever;

}  // namespace

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

uint32_t least_distant(uint32_t distances, uint32_t n, uint32_t largest, uint32_t most, uint32_t out) {
  return forever.signs.least(at<uint32_t>(distances), n, largest, most, at<uint32_t>(out));
}

void sign_products(uint32_t x, uint32_t dim, uint32_t rows, uint32_t n, uint32_t out) {
  forever.signs.products(at<float>(x), dim, at<const uint8_t*>(rows), n, at<float>(out));
}

}  // namespace wembed::bindings
