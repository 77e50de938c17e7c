#include "engine/sign_search.h"

#include "bindings/call.h"
#include "bindings/exports.h"

namespace wembed::bindings {
namespace {

/// The working memory of all calls, which run one after another. Never destroyed: a module that ends does not need
/// destructor code.
union Forever {
  SignSearch signs;
  constexpr Forever() : signs() {}
  ~Forever() {}
};
Forever forever;

}  // namespace

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
