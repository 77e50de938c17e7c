#include "engine/table.h"

#include "bindings/call.h"
#include "bindings/exports.h"

namespace wembed::bindings {

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
uint32_t table_squared_lengths(uint32_t table, uint32_t first, uint32_t n, uint32_t out) {
  return report(at<Table>(table)->squared_lengths(first, n, at<double>(out)));
}
uint32_t table_compare(uint32_t table, uint32_t original, uint32_t out) {
  return report(at<Table>(table)->compare(*at<Table>(original), at<double>(out)));
}

}  // namespace wembed::bindings
