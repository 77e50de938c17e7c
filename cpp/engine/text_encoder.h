#pragma once
#include <memory>

#include "core/array.h"
#include "engine/table.h"
#include "text/tokenizer.h"

namespace wembed {

/// How `TextEncoder::encode_pooled` pools a text's ids into one vector.
struct Pooling {
  BagMode mode = BagMode::mean;
  uint32_t dimensions = 0;  // of the vector: the first of the table's
  double epsilon = -1;      // added to the norm by which each vector is divided; below 0: no normalization
  bool finite = false;      // refuse a vector that holds a number that is not, where it is normalized
};

/// A tokenizer with the results and the working memory of its calls, and text → vector in one call.
class TextEncoder {
 public:
  /// Errors: those of text::Tokenizer::build; out_of_memory.
  static Status create(const uint8_t* spec, size_t size, std::unique_ptr<TextEncoder>* encoder);

  text::Tokenizer& tokenizer() { return tokenizer_; }

  /// The ids of a text, and where each came from if asked: `ids` and `spans`, good until the next call.
  /// Errors: those of text::Tokenizer::encode; there are no ids then.
  Status encode(const uint8_t* utf8, size_t size, const text::EncodeOptions& options, bool with_spans);
  /// The ids of many texts one after the other, and where each text's end: `ids` and `ends`, good until the next call.
  /// Errors: those of text::Tokenizer::encode_batch; there are no ids then.
  Status encode_batch(const uint8_t* utf8, const uint32_t* text_ends, uint32_t n, const text::EncodeOptions& options) {
    return tokenizer_.encode_batch(utf8, text_ends, n, options, &ids_, &ends_);
  }
  const Array<uint32_t>& ends() const { return ends_; }
  const Array<uint32_t>& ids() const { return ids_; }
  const Array<text::Span>& spans() const { return spans_; }

  /// The text of ids: `decoded`, valid until the next call.
  void decode(const uint32_t* ids, size_t n, bool skip_special);
  const Array<uint8_t>& decoded() const { return decoded_; }

  /// out[t,:] = normalize(reduce(table[id,:]) over the ids of text t, to `dimensions`).
  /// @param utf8  the texts one after the other: text t is utf8[ends[t - 1], ends[t])
  /// @param ends  (n) u32, non-decreasing
  /// @param out   (n, dimensions) f32
  /// Errors: those of text::Tokenizer::encode and of Table::bag; shape_mismatch for ends that decrease;
  /// invalid_argument for a vector that is not finite, if those are refused.
  Status encode_pooled(const Table& table, const uint8_t* utf8, const uint32_t* ends, uint32_t n,
                       const text::EncodeOptions& options, const Pooling& pooling, float* out);

  /// The median token length in code points, added tokens included; the mean of the two middle values, rounded down.
  /// Model2Vec truncates long texts by it.
  uint32_t median_token_length();

 private:
  text::Tokenizer tokenizer_;
  Array<uint32_t> ids_, ends_;
  Array<text::Span> spans_;
  Array<uint8_t> decoded_;
  Array<float> row_;
};

}  // namespace wembed
