#pragma once
#include <cstdint>

#include "core/array.h"
#include "text/split.h"
#include "text/text.h"

namespace wembed::text {

/// What pre-tokenizers do to the text itself, piece by piece. What is put in has the place of what is beside it.
class TextRewriter {
 public:
  /// A space before each piece that has none.
  void prefix_space(Text* text);
  /// Spaces become the mark; whether one more is put in front is asked of the text that gives.
  void metaspace(PrependScheme scheme, const Array<uint8_t>& mark, bool at_start, Text* text);
  /// Every byte becomes the character that GPT-2 writes it with, for the steps and the vocabulary that come after.
  void spell_bytes(Text* text);

 private:
  void begin();
  void put(const Text& text, const uint8_t* s, size_t n, size_t from);
  void finish(Text* text);

  Text scratch_;
};

}  // namespace wembed::text
