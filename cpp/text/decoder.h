#pragma once
#include <cstdint>

#include "core/array.h"
#include "core/status.h"
#include "text/reader.h"

namespace wembed::text {

/// The decoders of a tokenizer.json, in order: a list of token spellings becomes text.
class Decoder {
 public:
  Status build(Reader* in);

  void begin() { clear(&tokens_); }
  void add(Bytes token) { push(&tokens_, token.data, token.size); }
  /// Appends the text of the tokens added to *out. Bytes that are no UTF-8 stay: TextDecoder puts U+FFFD for them as
  /// the reference does.
  void finish(Array<uint8_t>* out);

 private:
  enum class Kind : uint32_t { word_piece, byte_level, metaspace, byte_fallback, fuse, strip, replace, bpe, ctc };
  struct Step {
    Kind kind;
    uint32_t a, b;
    Array<uint8_t> from, to;
  };
  struct List {
    Array<uint8_t> bytes;
    Array<size_t> ends;
  };

  static void clear(List* list);
  static void push(List* list, const uint8_t* s, size_t n);
  Bytes token(size_t i) const;
  void decode_token(const Step& step, size_t i, Array<uint8_t>* out) const;
  void byte_level(Array<uint8_t>* out) const;
  void byte_fallback();
  void ctc(const Step& step);
  void each(const Step& step);

  Steps<Step> steps_;
  List tokens_, next_;
};

}  // namespace wembed::text
