#include "engine/row_search.h"

#include "bindings/call.h"
#include "bindings/exports.h"

namespace wembed::bindings {
namespace {

/// The working memory of all calls, which run one after another. Never destroyed: a module that ends does not need
/// destructor code.
union Forever {
  RowSearch search;
  constexpr Forever() : search() {}
  ~Forever() {}
};
Forever forever;

}  // namespace

void rows_start(uint32_t k, bool cosine) { forever.search.start(k, cosine); }

uint32_t rows_take(uint32_t table, uint32_t x, uint32_t n, uint32_t scales, uint32_t live, uint32_t first) {
  return report(forever.search.take(*at<Table>(table), at<float>(x), n, at<float>(scales), at<uint8_t>(live), first));
}

uint32_t rows_found(uint32_t out) {
  const Array<Candidate>& found = forever.search.found();
  *at<uint32_t>(out) = address_of(found.data());
  return static_cast<uint32_t>(found.size());
}

}  // namespace wembed::bindings
