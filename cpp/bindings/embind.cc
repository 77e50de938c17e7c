// What JavaScript calls. Handles and pointers are plain unsigned numbers: web/memory/ is their only holder. A call that
// can fail returns its code, 0 for success; the error* functions tell the rest. Calls that answer with more than one
// number write them to `out`, u32 words.
#include <emscripten/bind.h>
#include <emscripten/emscripten.h>

#include "core/array.h"
#include "engine/head.h"
#include "engine/kernels.h"
#include "engine/table.h"
#include "engine/text_encoder.h"
#include "text/vocab_json.h"

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

uint32_t error_what() { return address_of(last_status.what); }
double error_value() { return last_status.value; }
double error_limit() { return last_status.limit; }
double error_index() { return last_status.index; }

uint32_t failed_allocation() { return static_cast<uint32_t>(take_out_of_memory()); }

uint32_t table_create(uint32_t dtype, uint32_t rows, uint32_t dim, bool per_row_scales, uint32_t vocab,
                      bool token_weights, bool token_mapping) {
  std::unique_ptr<Table> table;
  const TableShape shape{dtype, rows, dim, per_row_scales, vocab, token_weights, token_mapping};
  return report(Table::create(shape, &table)) ? 0 : address_of(table.release());
}

void table_free(uint32_t table) { delete at<Table>(table); }
uint32_t table_data(uint32_t table) { return address_of(at<Table>(table)->data()); }
uint32_t table_row_scales(uint32_t table) { return address_of(at<Table>(table)->row_scales()); }
uint32_t table_block_scales(uint32_t table) { return address_of(at<Table>(table)->block_scales()); }
uint32_t table_token_weights(uint32_t table) { return address_of(at<Table>(table)->token_weights()); }
uint32_t table_token_mapping(uint32_t table) { return address_of(at<Table>(table)->token_mapping()); }
void table_set_scale(uint32_t table, float scale) { at<Table>(table)->set_scale(scale); }
void table_truncate(uint32_t table, uint32_t rows) { at<Table>(table)->truncate(rows); }
uint32_t table_check_tokens(uint32_t table) { return report(at<Table>(table)->check_tokens()); }

/// From here on a dtype's code stands for ggml's blocks: its code of `ggml_type` and this.
constexpr uint32_t kGgmlBlocks = 256;

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

void normalize(uint32_t x, uint32_t n, uint32_t dim, double epsilon) {
  kKernels.normalize(at<float>(x), n, dim, epsilon);
}
float dot(uint32_t a, uint32_t b, uint32_t dim) { return kKernels.dot(at<float>(a), at<float>(b), dim); }
float cosine(uint32_t a, uint32_t b, uint32_t dim) { return kKernels.cosine(at<float>(a), at<float>(b), dim); }

void layer_norm(uint32_t x, uint32_t n, uint32_t dim, uint32_t weight, uint32_t bias, float epsilon) {
  kKernels.layer_norm(at<float>(x), n, dim, at<float>(weight), at<float>(bias), epsilon);
}
void rotary(uint32_t x, uint32_t n, uint32_t heads, uint32_t head_dim, uint32_t pairs, bool interleaved, uint32_t cos,
            uint32_t sin) {
  kKernels.rotary(at<float>(x), n, {heads, head_dim, pairs, interleaved}, at<float>(cos), at<float>(sin));
}

uint32_t head_create(uint32_t bias, uint32_t rows, float scale, float softcap) {
  return address_of(new Head(at<float>(bias), rows, scale, softcap));
}
void head_free(uint32_t head) { delete at<Head>(head); }
uint32_t head_logits(uint32_t head, uint32_t table, uint32_t hidden, uint32_t n, uint32_t out) {
  return report(at<Head>(head)->logits(*at<Table>(table), at<float>(hidden), n, at<float>(out)));
}
uint32_t head_top_k(uint32_t head, uint32_t table, uint32_t hidden, uint32_t n, uint32_t k, uint32_t out) {
  float* scores = at<float>(out) + size_t{n} * k;
  return report(at<Head>(head)->top_k(*at<Table>(table), at<float>(hidden), n, k, at<uint32_t>(out), scores,
                                      scores + size_t{n} * k));
}
uint32_t head_sample(uint32_t head, uint32_t table, uint32_t hidden, float temperature, uint32_t top_k, float top_p,
                     float min_p, double u, uint32_t out) {
  return report(at<Head>(head)->sample(*at<Table>(table), at<float>(hidden), {temperature, top_k, top_p, min_p}, u,
                                       at<uint32_t>(out)));
}
uint32_t head_log_probs(uint32_t head, uint32_t table, uint32_t hidden, uint32_t n, uint32_t targets, uint32_t out) {
  return report(
      at<Head>(head)->log_probs(*at<Table>(table), at<float>(hidden), n, at<uint32_t>(targets), at<double>(out)));
}

uint32_t text_create(uint32_t spec, uint32_t size, uint32_t out) {
  std::unique_ptr<TextEncoder> encoder;
  const Status status = TextEncoder::create(at<uint8_t>(spec), size, &encoder);
  *at<uint32_t>(out) = address_of(encoder.release());
  return report(status);
}

bool find_vocab(uint32_t json, uint32_t size, uint32_t out) {
  text::VocabRange range;
  const bool found = text::find_vocab(at<uint8_t>(json), size, &range);
  at<uint32_t>(out)[0] = static_cast<uint32_t>(range.begin);
  at<uint32_t>(out)[1] = static_cast<uint32_t>(range.end);
  return found;
}

uint32_t write_vocab_section(uint32_t json, uint32_t size, uint32_t out) {
  return static_cast<uint32_t>(text::write_vocab_section(at<uint8_t>(json), size, at<uint8_t>(out)));
}

void text_free(uint32_t text) { delete at<TextEncoder>(text); }
uint32_t text_vocab_size(uint32_t text) { return at<TextEncoder>(text)->tokenizer().vocab_size(); }
uint32_t text_unk_id(uint32_t text) { return at<TextEncoder>(text)->tokenizer().unk_id(); }
uint32_t text_median_token_length(uint32_t text) { return at<TextEncoder>(text)->median_token_length(); }

void text_encode(uint32_t text, uint32_t utf8, uint32_t size, bool add_special_tokens, uint32_t max_ids, bool spans,
                 uint32_t out) {
  TextEncoder& encoder = *at<TextEncoder>(text);
  text::EncodeOptions options;
  options.add_special_tokens = add_special_tokens;
  options.max_ids = max_ids;
  encoder.encode(at<uint8_t>(utf8), size, options, spans);
  at<uint32_t>(out)[0] = address_of(encoder.ids().data());
  at<uint32_t>(out)[1] = static_cast<uint32_t>(encoder.ids().size());
  at<uint32_t>(out)[2] = address_of(encoder.spans().data());
}

void text_decode(uint32_t text, uint32_t ids, uint32_t n, bool skip_special_tokens, uint32_t out) {
  TextEncoder& encoder = *at<TextEncoder>(text);
  encoder.decode(at<uint32_t>(ids), n, skip_special_tokens);
  at<uint32_t>(out)[0] = address_of(encoder.decoded().data());
  at<uint32_t>(out)[1] = static_cast<uint32_t>(encoder.decoded().size());
}

void text_token(uint32_t text, uint32_t id, uint32_t out) {
  const text::Bytes token = at<TextEncoder>(text)->tokenizer().token(id);
  at<uint32_t>(out)[0] = address_of(token.data);
  at<uint32_t>(out)[1] = static_cast<uint32_t>(token.size);
}

uint32_t text_encode_pooled(uint32_t text, uint32_t table, uint32_t utf8, uint32_t ends, uint32_t n,
                            uint32_t max_code_points, uint32_t max_ids, uint32_t mode, uint32_t dimensions,
                            double epsilon, uint32_t out) {
  const text::EncodeOptions options{false, true, max_code_points, max_ids};
  const Pooling pooling{static_cast<BagMode>(mode), dimensions, epsilon};
  return report(at<TextEncoder>(text)->encode_pooled(*at<Table>(table), at<uint8_t>(utf8), at<uint32_t>(ends), n,
                                                     options, pooling, at<float>(out)));
}

}  // namespace

EMSCRIPTEN_BINDINGS(wembed) {
  emscripten::function("errorWhat", &error_what);
  emscripten::function("errorValue", &error_value);
  emscripten::function("errorLimit", &error_limit);
  emscripten::function("errorIndex", &error_index);
  emscripten::function("takeOutOfMemory", &failed_allocation);
  emscripten::function("tableCreate", &table_create);
  emscripten::function("tableFree", &table_free);
  emscripten::function("tableData", &table_data);
  emscripten::function("tableRowScales", &table_row_scales);
  emscripten::function("tableBlockScales", &table_block_scales);
  emscripten::function("tableTokenWeights", &table_token_weights);
  emscripten::function("tableTokenMapping", &table_token_mapping);
  emscripten::function("tableSetScale", &table_set_scale);
  emscripten::function("tableTruncate", &table_truncate);
  emscripten::function("tableCheckTokens", &table_check_tokens);
  emscripten::function("tableStore", &table_store);
  emscripten::function("tableConvert", &table_convert);
  emscripten::function("tableCompare", &table_compare);
  emscripten::function("tableLookup", &table_lookup);
  emscripten::function("tableBag", &table_bag);
  emscripten::function("headCreate", &head_create);
  emscripten::function("headFree", &head_free);
  emscripten::function("headLogits", &head_logits);
  emscripten::function("headTopK", &head_top_k);
  emscripten::function("headSample", &head_sample);
  emscripten::function("headLogProbs", &head_log_probs);
  emscripten::function("textCreate", &text_create);
  emscripten::function("findVocab", &find_vocab);
  emscripten::function("writeVocabSection", &write_vocab_section);
  emscripten::function("textFree", &text_free);
  emscripten::function("textVocabSize", &text_vocab_size);
  emscripten::function("textUnkId", &text_unk_id);
  emscripten::function("textMedianTokenLength", &text_median_token_length);
  emscripten::function("textEncode", &text_encode);
  emscripten::function("textDecode", &text_decode);
  emscripten::function("textToken", &text_token);
  emscripten::function("textEncodePooled", &text_encode_pooled);
  emscripten::function("normalize", &normalize);
  emscripten::function("dot", &dot);
  emscripten::function("cosine", &cosine);
  emscripten::function("layerNorm", &layer_norm);
  emscripten::function("rotary", &rotary);
}

}  // namespace wembed

#ifdef WEMBED_OWN_EMBIND_TYPES  // CMakeLists.txt says where and why
extern "C" {

EMSCRIPTEN_KEEPALIVE const char* __getTypeName(const std::type_info*) { return nullptr; }  // asked of unbound types

EMSCRIPTEN_KEEPALIVE __attribute__((constructor)) void __embind_register_native_and_builtin_types() {
  using namespace emscripten::internal;
  _embind_register_void(TypeID<void>::get(), "void");
  _embind_register_bool(TypeID<bool>::get(), "bool", sizeof(bool), true, false);
  _embind_register_integer(TypeID<uint32_t>::get(), "uint32_t", sizeof(uint32_t), 0, UINT32_MAX);
  _embind_register_float(TypeID<float>::get(), "float", sizeof(float));
  _embind_register_float(TypeID<double>::get(), "double", sizeof(double));
}

}  // extern "C"
#endif
