#include "text/split.h"

#include <cstring>

namespace wembed::text {
namespace {

struct Known {
  const char* regex;
  Pattern pattern;
};

const Known kKnown[] = {
    {R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)", Pattern::gpt2},
    {R"('(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)", Pattern::gpt2},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     Pattern::cl100k},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     Pattern::qwen2},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     Pattern::qwen3_marks},
};

enum class Kind : uint8_t { letter, number, space, other };

inline Kind ascii_kind(uint32_t c) {
  if ((c | 32) - 'a' < 26) return Kind::letter;
  if (c - '0' < 10) return Kind::number;
  return c == ' ' || c - 9 < 5 ? Kind::space : Kind::other;
}

Kind wide_kind(uint32_t cp, bool marks) {
  if (is_letter(cp) || (marks && is_mark(cp))) return Kind::letter;
  if (is_number(cp)) return Kind::number;
  return is_whitespace(cp) ? Kind::space : Kind::other;
}

/// A reader of one text.
struct Scanner {
  const uint8_t* text;
  size_t size;
  bool marks;  // \p{M} counts as a letter

  Kind kind(size_t at, uint32_t* length) const {
    if (text[at] < 0x80) {
      *length = 1;
      return ascii_kind(text[at]);
    }
    const uint32_t cp = decode_utf8(text + at, text + size, length);
    return wide_kind(cp, marks);
  }

  /// The end of the run of this kind that goes on at `at`, of at most `most` characters.
  size_t run(Kind wanted, size_t at, size_t most = SIZE_MAX) const {
    uint32_t length;
    while (at < size && most-- > 0 && kind(at, &length) == wanted) at += length;
    return at;
  }

  bool is(Kind wanted, size_t at) const {
    uint32_t length;
    return at < size && kind(at, &length) == wanted;
  }

  bool is_newline(size_t at) const { return at < size && (text[at] == '\n' || text[at] == '\r'); }
};

inline uint8_t lower(uint8_t c, bool fold) { return fold && c >= 'A' && c <= 'Z' ? uint8_t(c | 32) : c; }

/// The end of the contraction at the apostrophe at `at`, or `at` where there is none.
size_t contraction_end(const Scanner& s, size_t at, bool fold) {
  if (s.size - at < 2) return at;
  const uint8_t a = lower(s.text[at + 1], fold);
  if (a == 's' || a == 't' || a == 'm' || a == 'd') return at + 2;
  if (s.size - at < 3) return at;
  // U+017F (ſ) folds to s; no other character outside ASCII folds to a letter of the contractions.
  if (fold && a == 0xC5 && s.text[at + 2] == 0xBF) return at + 3;
  const uint8_t b = lower(s.text[at + 2], fold);
  const bool pair = (a == 'r' && b == 'e') || (a == 'v' && b == 'e') || (a == 'l' && b == 'l');
  return pair ? at + 3 : at;
}

/// `\s+(?!\S)|\s+`: white space gives its last character to what follows, unless it has no other.
size_t space_end(const Scanner& s, size_t begin) {
  const size_t end = s.run(Kind::space, begin);
  if (end == s.size) return end;
  size_t last = end - 1;
  while ((s.text[last] & 0xC0) == 0x80) --last;
  return last > begin ? last : end;
}

size_t gpt2_end(const Scanner& s, size_t begin) {
  if (s.text[begin] == '\'') {
    const size_t end = contraction_end(s, begin, false);
    if (end > begin) return end;
  }
  uint32_t length;
  Kind kind = s.kind(begin, &length);
  size_t at = begin;
  if (s.text[begin] == ' ' && begin + 1 < s.size) {
    at = begin + 1;
    kind = s.kind(at, &length);
  }
  return kind == Kind::space ? space_end(s, begin) : s.run(kind, at + length);
}

/// `\s*[\r\n]+`: up to the last line end of the run of white space; `begin` where it has none.
size_t newline_end(const Scanner& s, size_t begin) {
  size_t end = s.run(Kind::space, begin);
  while (end > begin && !s.is_newline(end - 1)) --end;
  return end;
}

size_t cl100k_end(const Scanner& s, size_t begin, size_t digits) {
  if (s.text[begin] == '\'') {
    const size_t end = contraction_end(s, begin, true);
    if (end > begin) return end;
  }
  uint32_t length;
  const Kind kind = s.kind(begin, &length);
  if (kind == Kind::letter) return s.run(Kind::letter, begin + length);
  if (kind == Kind::number) return s.run(Kind::number, begin, digits);
  if (!s.is_newline(begin) && s.is(Kind::letter, begin + length)) return s.run(Kind::letter, begin + length);
  if (kind == Kind::other || (s.text[begin] == ' ' && s.is(Kind::other, begin + 1))) {
    size_t end = s.run(Kind::other, begin + length);
    while (s.is_newline(end)) ++end;
    return end;
  }
  const size_t end = newline_end(s, begin);
  return end > begin ? end : space_end(s, begin);
}

}  // namespace

bool find_pattern(const char* regex, size_t size, Pattern* pattern) {
  for (const Known& known : kKnown) {
    if (std::strlen(known.regex) == size && std::memcmp(known.regex, regex, size) == 0) {
      *pattern = known.pattern;
      return true;
    }
  }
  return false;
}

Effect effect_of(Behavior behavior, bool invert) {
  if (behavior == Behavior::contiguous) return Effect::whole;
  return behavior == Behavior::removed && !invert ? Effect::nothing : Effect::pieces;
}

size_t piece_end(Pattern pattern, const uint8_t* text, size_t begin, size_t size) {
  const Scanner scanner{text, size, pattern == Pattern::qwen3_marks};
  if (pattern == Pattern::gpt2) return gpt2_end(scanner, begin);
  return cl100k_end(scanner, begin, pattern == Pattern::cl100k ? 3 : 1);
}

bool metaspace_prepends(PrependScheme scheme, bool at_start, const uint8_t* text, size_t size,
                        const uint8_t* replacement, size_t replacement_size) {
  if (scheme == PrependScheme::never || (scheme == PrependScheme::first && !at_start)) return false;
  return size < replacement_size || std::memcmp(text, replacement, replacement_size) != 0;
}

}  // namespace wembed::text
