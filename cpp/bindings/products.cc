#include "engine/products.h"

#include "bindings/call.h"
#include "bindings/exports.h"

namespace wembed::bindings {
namespace {

/// The working memory of all calls, which run one after another. Never destroyed: a module that ends does not need
/// destructor code.
union Forever {
  Products products;
  constexpr Forever() : products() {}
  ~Forever() {}
};
Forever forever;

}  // namespace

uint32_t table_products(uint32_t table, uint32_t x, uint32_t n, uint32_t out) {
  return report(forever.products.all(*at<Table>(table), at<float>(x), n, at<float>(out)));
}

uint32_t table_products_of(uint32_t table, uint32_t ids, uint32_t n, uint32_t x, uint32_t out) {
  return report(forever.products.some(*at<Table>(table), at<uint32_t>(ids), n, at<float>(x), at<float>(out)));
}

uint32_t table_nearest(uint32_t table, uint32_t x, uint32_t n, uint32_t k, uint32_t metric, uint32_t out) {
  return report(forever.products.nearest(*at<Table>(table), at<float>(x), n, k, static_cast<Metric>(metric),
                                         at<uint32_t>(out), at<float>(out) + size_t{n} * k));
}

}  // namespace wembed::bindings
