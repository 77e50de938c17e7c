// What JavaScript calls. Handles and pointers are plain unsigned numbers: web/wasm/ is their only holder. A call that
// can fail returns its code, 0 for success; `lastError` tells the rest.
#include <emscripten/bind.h>

#include <string>

#include "layer/kernels.h"
#include "layer/table.h"

namespace wembed {
namespace {

Status last_status;

uint32_t report(const Status& status) {
  if (!status.ok()) last_status = status;
  return static_cast<uint32_t>(status.code);
}

template <class T>
T* at(uint32_t address) {
  return reinterpret_cast<T*>(static_cast<uintptr_t>(address));
}

uint32_t address_of(const void* pointer) { return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(pointer)); }

struct ErrorDetail {
  std::string what;
  double value, limit, index;
};

ErrorDetail last_error() { return {last_status.what, last_status.value, last_status.limit, last_status.index}; }

uint32_t table_create(uint32_t dtype, uint32_t rows, uint32_t dim, bool per_row_scales, uint32_t vocab,
                      bool token_weights, bool token_mapping) {
  std::unique_ptr<Table> table;
  const TableShape shape{dtype, rows, dim, per_row_scales, vocab, token_weights, token_mapping};
  return report(Table::create(shape, &table)) ? 0 : address_of(table.release());
}

void table_free(uint32_t table) { delete at<Table>(table); }
uint32_t table_data(uint32_t table) { return address_of(at<Table>(table)->data()); }
uint32_t table_row_scales(uint32_t table) { return address_of(at<Table>(table)->row_scales()); }
uint32_t table_token_weights(uint32_t table) { return address_of(at<Table>(table)->token_weights()); }
uint32_t table_token_mapping(uint32_t table) { return address_of(at<Table>(table)->token_mapping()); }
void table_set_scale(uint32_t table, float scale) { at<Table>(table)->set_scale(scale); }
uint32_t table_check_tokens(uint32_t table) { return report(at<Table>(table)->check_tokens()); }

uint32_t table_lookup(uint32_t table, uint32_t ids, uint32_t n, uint32_t out) {
  return report(at<Table>(table)->lookup(at<uint32_t>(ids), n, at<float>(out)));
}

uint32_t table_bag(uint32_t table, uint32_t ids, uint32_t n, uint32_t offsets, uint32_t bags, uint32_t mode,
                   uint32_t per_sample_weights, uint32_t padding_idx, uint32_t out) {
  Bags view{at<uint32_t>(ids), at<uint32_t>(offsets), bags, static_cast<BagMode>(mode), at<float>(per_sample_weights)};
  view.padding_idx = padding_idx;
  return report(at<Table>(table)->bag(view, n, at<float>(out)));
}

void normalize(uint32_t x, uint32_t n, uint32_t dim, double epsilon) {
  kKernels.normalize(at<float>(x), n, dim, epsilon);
}
float dot(uint32_t a, uint32_t b, uint32_t dim) { return kKernels.dot(at<float>(a), at<float>(b), dim); }
float cosine(uint32_t a, uint32_t b, uint32_t dim) { return kKernels.cosine(at<float>(a), at<float>(b), dim); }

}  // namespace

EMSCRIPTEN_BINDINGS(wembed) {
  emscripten::value_object<ErrorDetail>("ErrorDetail")
      .field("what", &ErrorDetail::what)
      .field("value", &ErrorDetail::value)
      .field("limit", &ErrorDetail::limit)
      .field("index", &ErrorDetail::index);
  emscripten::function("lastError", &last_error);
  emscripten::function("tableCreate", &table_create);
  emscripten::function("tableFree", &table_free);
  emscripten::function("tableData", &table_data);
  emscripten::function("tableRowScales", &table_row_scales);
  emscripten::function("tableTokenWeights", &table_token_weights);
  emscripten::function("tableTokenMapping", &table_token_mapping);
  emscripten::function("tableSetScale", &table_set_scale);
  emscripten::function("tableCheckTokens", &table_check_tokens);
  emscripten::function("tableLookup", &table_lookup);
  emscripten::function("tableBag", &table_bag);
  emscripten::function("normalize", &normalize);
  emscripten::function("dot", &dot);
  emscripten::function("cosine", &cosine);
}

}  // namespace wembed
