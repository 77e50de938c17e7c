#include "engine/table.h"

#include "bindings/call.h"
#include "bindings/exports.h"
#include "engine/products.h"
#include "engine/row_search.h"

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

union RowsForever {
  RowSearch search;
  constexpr RowsForever() : search() {}
  ~RowsForever() {}
};
RowsForever rows;

}  // namespace

uint32_t table_create(uint32_t dtype, uint32_t rows, uint32_t dim, bool per_row_scales, uint32_t vocab,
                      bool token_weights, bool token_mapping) {
  std::unique_ptr<Table> table;
  const TableShape shape{dtype, rows, dim, per_row_scales, vocab, token_weights, token_mapping};
  return report(Table::create(shape, &table)) ? 0 : address_of(table.release());
}

void table_free(uint32_t table) { delete at<Table>(table); }
uint32_t table_data(uint32_t table) { return address_of(at<Table>(table)->data()); }
uint32_t table_data_to_read(uint32_t table) { return address_of(at<Table>(table)->data_to_read()); }
uint32_t table_row_scales(uint32_t table) { return address_of(at<Table>(table)->row_scales()); }
uint32_t table_block_scales(uint32_t table) { return address_of(at<Table>(table)->block_scales()); }
uint32_t table_token_weights(uint32_t table) { return address_of(at<Table>(table)->token_weights()); }
uint32_t table_token_mapping(uint32_t table) { return address_of(at<Table>(table)->token_mapping()); }
void table_set_scale(uint32_t table, float scale) { at<Table>(table)->set_scale(scale); }
void table_truncate(uint32_t table, uint32_t rows) { at<Table>(table)->truncate(rows); }
uint32_t table_check_tokens(uint32_t table) { return report(at<Table>(table)->check_tokens()); }

uint32_t table_store(uint32_t table, uint32_t dtype, uint32_t data, uint32_t rows, float scale, uint32_t first) {
  Table& to = *at<Table>(table);
  if (dtype >= kGgmlBlocks) return report(to.store_blocks(dtype - kGgmlBlocks, at<uint8_t>(data), rows, first));
  return report(to.store({static_cast<Dtype>(dtype), rows, to.dim(), at<void>(data), nullptr, scale}, first));
}
uint32_t table_convert(uint32_t table, uint32_t from) {
  return report(at<Table>(table)->store(at<Table>(from)->view(), 0));
}
uint32_t table_compare(uint32_t table, uint32_t original, uint32_t out) {
  return report(at<Table>(table)->compare(*at<Table>(original), at<double>(out)));
}

uint32_t table_lookup(uint32_t table, uint32_t ids, uint32_t n, uint32_t out) {
  return report(at<Table>(table)->lookup(at<uint32_t>(ids), n, at<float>(out)));
}
uint32_t table_bag(uint32_t table, uint32_t ids, uint32_t n, uint32_t offsets, uint32_t bags, uint32_t mode,
                   uint32_t per_sample_weights, uint32_t padding_idx, uint32_t out) {
  Bags view{at<uint32_t>(ids), at<uint32_t>(offsets), bags, static_cast<BagMode>(mode), at<float>(per_sample_weights)};
  view.padding_idx = padding_idx;
  return report(at<Table>(table)->bag(view, n, at<float>(out)));
}

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

void rows_start(uint32_t k, bool cosine) { rows.search.start(k, cosine); }
uint32_t rows_take(uint32_t table, uint32_t x, uint32_t n, uint32_t scales, uint32_t live, uint32_t first) {
  return report(rows.search.take(*at<Table>(table), at<float>(x), n, at<float>(scales), at<uint8_t>(live), first));
}
uint32_t rows_found(uint32_t out) {
  const Array<Candidate>& found = rows.search.found();
  *at<uint32_t>(out) = address_of(found.data());
  return static_cast<uint32_t>(found.size());
}

}  // namespace wembed::bindings
