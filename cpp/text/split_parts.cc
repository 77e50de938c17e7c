#include "text/split_parts.h"

#include "text/unicode.h"

namespace wembed::text {

bool SplitParts::by_pattern(RegexPattern* pattern, Behavior behavior, bool invert, const uint8_t* text,
                            Text::Piece piece, Array<Text::Piece>* out) {
  const size_t size = piece.end - piece.begin;
  size_t last = 0;
  parts_.clear();
  const bool done = pattern->find_all(text + piece.begin, size, [&](size_t begin, size_t end) {
    if (begin != last) parts_.push_back({last, begin, invert});
    parts_.push_back({begin, end, !invert});
    last = end;
  });
  if (last != size) parts_.push_back({last, size, invert});
  put(behavior, piece.begin, out);
  return done;
}

void SplitParts::by_punctuation(Behavior behavior, const uint8_t* text, Text::Piece piece, Array<Text::Piece>* out) {
  uint32_t length;
  size_t last = piece.begin;
  parts_.clear();
  const auto add = [&](size_t begin, size_t end, bool is_match) {
    if (end > begin) parts_.push_back({begin - piece.begin, end - piece.begin, is_match});
  };
  for (size_t i = piece.begin; i < piece.end; i += length) {
    if (!is_bert_punctuation(decode_utf8(text + i, text + piece.end, &length))) continue;
    add(last, i, false);
    add(i, i + length, true);
    last = i + length;
  }
  add(last, piece.end, false);
  put(behavior, piece.begin, out);
}

// A match joins the part before it (or after), unless that is a match as well.
void SplitParts::put(Behavior behavior, size_t at, Array<Text::Piece>* out) {
  const size_t n = parts_.size();
  if (behavior == Behavior::merged_with_next) {
    for (size_t i = 0; i + 1 < n; ++i) {
      if (!parts_[i].is_match || parts_[i + 1].is_match) continue;
      parts_[i + 1].begin = parts_[i].begin;
      parts_[i].end = parts_[i].begin;
    }
  } else if (behavior != Behavior::removed && behavior != Behavior::isolated) {
    const bool contiguous = behavior == Behavior::contiguous;
    for (size_t i = 0; i < n; ++i) {
      const bool joins = i > 0 && (contiguous ? parts_[i].is_match == parts_[i - 1].is_match
                                              : parts_[i].is_match && !parts_[i - 1].is_match);
      if (!joins) continue;
      parts_[i].begin = parts_[i - 1].begin;
      parts_[i - 1].end = parts_[i - 1].begin;
    }
  }
  for (const Part& part : parts_) {
    if (part.begin == part.end || (behavior == Behavior::removed && part.is_match)) continue;
    out->push_back({at + part.begin, at + part.end});
  }
}

}  // namespace wembed::text
