#pragma once
#include <cstddef>
#include <cstdint>

#include "text/unicode.h"

namespace wembed::text {

/// Pre-tokenisers: text → consecutive pieces. Each scanner finds what the reference's regex engine finds, without
/// backtracking: one pass, at most one code point of look-ahead. Input is valid UTF-8 and the pieces cover it, in
/// order.

/// The patterns that have a scanner of their own; tools/golden/texts.py has whose they are.
enum class Pattern : uint8_t { gpt2, cl100k, qwen2, qwen3_marks, o200k, tekken };

/// Finds the pattern spelled exactly so; false for any other spelling, which the caller must not guess at.
bool find_pattern(const char* regex, size_t size, Pattern* pattern);

/// The `Split` pre-tokeniser's behaviours, in the reference's order.
enum class Behavior : uint8_t { removed, isolated, merged_with_previous, merged_with_next, contiguous };

/// What a behaviour does with a pattern that leaves no gaps between its matches.
enum class Effect : uint8_t { pieces, whole, nothing };

/// Since every Pattern matches everywhere, a behaviour keeps all the matches, or the text whole, or nothing.
Effect effect_of(Behavior behavior, bool invert);

/// The end of the piece that begins at `begin` (begin < size).
size_t piece_end(Pattern pattern, const uint8_t* text, size_t begin, size_t size);

/// Calls sink(begin, end) for each piece.
template <class Sink>
void split(Pattern pattern, const uint8_t* text, size_t size, Sink&& sink) {
  for (size_t begin = 0; begin < size;) {
    const size_t end = piece_end(pattern, text, begin, size);
    sink(begin, end);
    begin = end;
  }
}

/// `Digits`: numeric characters from the others; each on its own where `individual`, else in runs.
template <class Sink>
void split_digits(bool individual, const uint8_t* text, size_t size, Sink&& sink) {
  size_t begin = 0;
  bool in_number = false;
  for (size_t i = 0; i < size;) {
    uint32_t length;
    const bool number = is_numeric(decode_utf8(text + i, text + size, &length));
    if (i > begin && (number != in_number || (number && individual))) {
      sink(begin, i);
      begin = i;
    }
    in_number = number;
    i += length;
  }
  if (begin < size) sink(begin, size);
}

/// `Metaspace`: where the replacement (▁) is written before the text.
enum class PrependScheme : uint8_t { always, first, never };

/// True where Metaspace puts a replacement before this text (whose spaces are replaced already).
/// @param at_start  the text begins where the whole input begins
bool metaspace_prepends(PrependScheme scheme, bool at_start, const uint8_t* text, size_t size,
                        const uint8_t* replacement, size_t replacement_size);

/// `Metaspace` with split: a piece begins at every replacement. Spaces are replaced already.
template <class Sink>
void split_metaspace(const uint8_t* replacement, size_t replacement_size, const uint8_t* text, size_t size,
                     Sink&& sink) {
  size_t begin = 0;
  for (size_t i = 0; i + replacement_size <= size;) {
    size_t k = 0;
    while (k < replacement_size && text[i + k] == replacement[k]) ++k;
    if (k < replacement_size || k == 0) {
      ++i;
      continue;
    }
    if (i > begin) sink(begin, i);
    begin = i;
    i += replacement_size;
  }
  if (begin < size) sink(begin, size);
}

}  // namespace wembed::text
