#pragma once
#include <cstddef>
#include <cstdint>

#include "core/array.h"
#include "text/pattern.h"
#include "text/split.h"
#include "text/text.h"

namespace wembed::text {

/// Cuts a piece into matches and what is between them, and joins these by a behaviour of `Split`.
class SplitParts {
 public:
  /// Both append to *out.
  /// @returns false where the pattern gave up on the text
  bool by_pattern(RegexPattern* pattern, Behavior behavior, bool invert, const uint8_t* text, Text::Piece piece,
                  Array<Text::Piece>* out);
  /// What `Punctuation` does where a mark joins a neighbour.
  void by_punctuation(Behavior behavior, const uint8_t* text, Text::Piece piece, Array<Text::Piece>* out);

 private:
  /// A match, or what is between two.
  struct Part {
    size_t begin, end;
    bool is_match;
  };
  void put(Behavior behavior, size_t at, Array<Text::Piece>* out);

  Array<Part> parts_;
};

}  // namespace wembed::text
