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

void signs_store(uint32_t x, uint32_t n, uint32_t dim, uint32_t signs, uint32_t details) {
  SignSearch::store(at<float>(x), n, dim, at<uint8_t>(signs), at<uint8_t>(details));
}

void signs_start(uint32_t dim, uint32_t most) { forever.signs.start(dim, most); }

void signs_take(uint32_t signs, uint32_t details, uint32_t n, uint32_t x, uint32_t live) {
  forever.signs.take(at<uint8_t>(signs), at<uint8_t>(details), n, at<uint8_t>(x), at<uint8_t>(live));
}

uint32_t signs_best(uint32_t x, uint32_t k, uint32_t out) {
  const Array<Candidate>& found = forever.signs.best(at<float>(x), k);
  *at<uint32_t>(out) = address_of(found.data());
  return static_cast<uint32_t>(found.size());
}

}  // namespace wembed::bindings
