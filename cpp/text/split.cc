#include "text/split.h"

#include <cstring>

namespace wembed::text {
namespace {

struct Known {
  const char* regex;
  Pattern pattern;
};

#define WEMBED_CASED(prefix, contraction)                                                       \
  prefix R"([\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)" contraction "|" prefix \
         R"([\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)" contraction

const Known kKnown[] = {
    {R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)", Pattern::gpt2},
    {R"('(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)", Pattern::gpt2},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     Pattern::cl100k},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     Pattern::qwen2},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     Pattern::qwen3_marks},
    {WEMBED_CASED(R"([^\r\n\p{L}\p{N}]?)",
                  "(?i:'s|'t|'re|'ve|'m|'ll|'d)?") R"(|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     Pattern::o200k},
    {WEMBED_CASED(R"([^\r\n\p{L}\p{N}]?)", "") R"(|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     Pattern::tekken},
};

#undef WEMBED_CASED

/// What a character is, as the patterns ask.
enum Kind : uint8_t {
  kLetter = 1,
  kNumber = 2,
  kSpace = 4,
  kMark = 8,
  kOther = 16,  // [^\s\p{L}\p{N}]
  kUpper = 32,  // [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]
  kLower = 64,  // [\p{Ll}\p{Lm}\p{Lo}\p{M}]
};

uint8_t kinds_of(const ClassMeaning& meaning) {
  const Category c = meaning.category;
  const bool both = c == Category::lm || c == Category::lo || meaning.mark;
  uint32_t kinds = meaning.letter | meaning.number << 1 | meaning.space << 2 | meaning.mark << 3;
  if ((kinds & (kLetter | kNumber | kSpace)) == 0) kinds |= kOther;
  if (both || c == Category::lu || c == Category::lt) kinds |= kUpper;
  if (both || c == Category::ll) kinds |= kLower;
  return uint8_t(kinds);
}

/// The kinds of the characters up to U+1FFFF in blocks of 64: of those that have the same bytes but for the last.
struct KindTable {
  static constexpr uint32_t kBlocks = 0x20000 / 64;
  uint8_t of_class[256];
  const ClassTable* classes;
  Array<uint16_t> block_of;
  Array<uint8_t> kinds;

  KindTable() : classes(&class_table()) {
    for (uint32_t i = 0; i < classes->number_of_classes; ++i) of_class[i] = kinds_of(meaning_of_class(uint8_t(i)));
    for (uint32_t block = 0; block < kBlocks; ++block) {
      uint8_t* made = kinds.extend(64);
      for (uint32_t i = 0; i < 64; ++i) made[i] = of_class[classes->class_of(block << 6 | i)];
      if (block > 0 && std::memcmp(made - 64, made, 64) == 0) kinds.resize(kinds.size() - 64);
      block_of.push_back(uint16_t(kinds.size() / 64 - 1));
    }
  }

  uint8_t at(uint32_t block, uint8_t last) const { return kinds[uint32_t{block_of[block]} << 6 | (last & 63)]; }
};

const KindTable& kind_table() {
  static const KindTable* const table = new KindTable;
  return *table;
}

inline uint8_t ascii_kinds(uint8_t c) {
  if (uint8_t((c | 32) - 'a') < 26) return kLetter | (c & 32 ? kLower : kUpper);
  if (uint8_t(c - '0') < 10) return kNumber;
  return c == ' ' || uint8_t(c - 9) < 5 ? kSpace : kOther;
}

/// A reader of one text.
struct Scanner {
  const uint8_t* text;
  size_t size;

  uint8_t kinds(size_t at, uint32_t* length) const {
    *length = 1;
    return text[at] < 0x80 ? ascii_kinds(text[at]) : wide_kinds(at, length);
  }

  uint8_t wide_kinds(size_t at, uint32_t* length) const {
    const KindTable& table = kind_table();
    const uint8_t* p = text + at;
    const size_t room = size - at;
    const uint32_t a = p[0];
    if (room >= 3 && (a & 0xF0) == 0xE0 && (p[1] & 0xC0) == 0x80 && (p[2] & 0xC0) == 0x80) {
      const uint32_t block = (a & 15) << 6 | (p[1] & 63);
      if (block >= 0x20 && (block < 0x360 || block >= 0x380)) {  // neither overlong nor a surrogate
        *length = 3;
        return table.at(block, p[2]);
      }
    } else if (room >= 2 && a >= 0xC2 && a < 0xE0 && (p[1] & 0xC0) == 0x80) {
      *length = 2;
      return table.at(a & 31, p[1]);
    } else if (room >= 4 && a == 0xF0 && p[1] - 0x90u < 0x10 && (p[2] & 0xC0) == 0x80 && (p[3] & 0xC0) == 0x80) {
      *length = 4;
      return table.at((p[1] & 63u) << 6 | (p[2] & 63), p[3]);
    }
    return table.of_class[table.classes->class_of(decode_utf8(p, text + size, length))];
  }

  /// The end of the run that goes on at `at`, of at most `most` characters of one of the kinds `any` and of none of
  /// `none`.
  size_t run(uint32_t any, size_t at, size_t most = SIZE_MAX, uint32_t none = 0) const {
    uint32_t length;
    const bool letters = any & (kLetter | kUpper | kLower);
    for (; at < size && most > 0; --most, at += length) {
      if (letters) {
        while (is_ideograph(at)) at += 3;
        if (at >= size) break;
      }
      const uint32_t k = kinds(at, &length);
      if (!(k & any) || (k & none)) break;
    }
    return at;
  }

  /// U+5000 to U+8FFF, which are letters: most of Chinese without looking anything up.
  bool is_ideograph(size_t at) const {
    return at + 3 <= size && uint8_t(text[at] - 0xE5) < 4 && (text[at + 1] & 0xC0) == 0x80 &&
           (text[at + 2] & 0xC0) == 0x80;
  }

  bool is(uint32_t any, size_t at, uint32_t none = 0) const {
    uint32_t length;
    if (at >= size) return false;
    const uint32_t k = kinds(at, &length);
    return (k & any) && !(k & none);
  }

  bool is_newline(size_t at) const { return at < size && (text[at] == '\n' || text[at] == '\r'); }
};

inline uint8_t lower(uint8_t c, bool fold) { return fold && c >= 'A' && c <= 'Z' ? uint8_t(c | 32) : c; }

/// The end of the contraction at the apostrophe at `at`, or `at` where there is none.
size_t contraction_end(const Scanner& s, size_t at, bool fold) {
  if (at >= s.size || s.text[at] != '\'' || s.size - at < 2) return at;
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
  const size_t end = s.run(kSpace, begin);
  if (end == s.size) return end;
  size_t last = end - 1;
  while ((s.text[last] & 0xC0) == 0x80) --last;
  return last > begin ? last : end;
}

size_t gpt2_end(const Scanner& s, size_t begin) {
  const size_t contracted = contraction_end(s, begin, false);
  if (contracted > begin) return contracted;
  uint32_t length;
  uint32_t kinds = s.kinds(begin, &length);
  size_t at = begin;
  if (s.text[begin] == ' ' && begin + 1 < s.size) {
    at = begin + 1;
    kinds = s.kinds(at, &length);
  }
  return kinds & kSpace ? space_end(s, begin) : s.run(kinds & (kLetter | kNumber | kOther), at + length);
}

/// `\s*[\r\n]+`: up to the last line end of the run of white space; `begin` where it has none.
size_t newline_end(const Scanner& s, size_t begin) {
  size_t end = s.run(kSpace, begin);
  while (end > begin && !s.is_newline(end - 1)) --end;
  return end;
}

/// `[upper]*[lower]+|[upper]+[lower]*`, the first where it can match: letters of both kinds count as either, so a run
/// of upper ones that nothing lower follows gives back what comes after its last letter of both kinds.
/// @returns the end, or `begin` for no match of the first (`strict`), or of neither
size_t cased_end(const Scanner& s, size_t begin, bool strict) {
  const size_t upper = s.run(kUpper, begin);
  const size_t end = s.run(kLower, upper);
  if (end > upper) return end;
  for (size_t at = upper; at > begin;) {
    size_t first;
    code_point_before(s.text, at, &first);
    if (s.is(kLower, first)) return at;
    at = first;
  }
  return strict ? begin : upper;
}

/// The word that begins with an optional character that is no letter, number or line end; `begin` where there is none.
size_t cased_word_end(const Scanner& s, size_t begin, uint32_t length, bool prefixed, bool contractions) {
  const size_t after = begin + length;
  size_t end = begin;
  for (const bool strict : {true, false}) {
    if (prefixed) {
      end = cased_end(s, after, strict);
      if (end > after) break;
    }
    end = cased_end(s, begin, strict);
    if (end > begin) break;
  }
  return end > begin && contractions ? contraction_end(s, end, true) : end;
}

/// How the patterns that came after GPT-2's differ.
struct Style {
  size_t digits;       // of a number's piece
  uint8_t word_kinds;  // what makes a word
  bool cased;          // words begin anew where upper case follows lower
  bool contracts_first, contracts_last;
  bool slash;  // [\r\n/]* after other characters, not [\r\n]*
};

constexpr Style style_of(Pattern pattern) {
  switch (pattern) {
    case Pattern::o200k:
      return {3, kLetter, true, false, true, true};
    case Pattern::tekken:
      return {1, kLetter, true, false, false, true};
    case Pattern::qwen3_marks:
      return {1, kLetter | kMark, false, true, false, false};
    case Pattern::qwen2:
      return {1, kLetter, false, true, false, false};
    default:
      return {3, kLetter, false, true, false, false};
  }
}

size_t styled_end(const Scanner& s, size_t begin, const Style& style) {
  if (style.contracts_first) {
    const size_t end = contraction_end(s, begin, true);
    if (end > begin) return end;
  }
  const uint32_t word = style.word_kinds, mark = word & kMark;
  uint32_t length;
  const uint32_t kinds = s.kinds(begin, &length);
  const bool prefixed = !(kinds & (kLetter | kNumber)) && !s.is_newline(begin);
  if (style.cased) {
    const size_t end = cased_word_end(s, begin, length, prefixed, style.contracts_last);
    if (end > begin) return end;
  } else {
    if (prefixed && s.is(word, begin + length)) return s.run(word, begin + length);
    if (kinds & word) return s.run(word, begin);
  }
  if (kinds & kNumber) return s.run(kNumber, begin, style.digits);
  const bool other = (kinds & kOther) && !(kinds & mark);
  if (other || (s.text[begin] == ' ' && s.is(kOther, begin + 1, mark))) {
    size_t end = s.run(kOther, begin + length, SIZE_MAX, mark);
    while (s.is_newline(end) || (style.slash && end < s.size && s.text[end] == '/')) ++end;
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
  const Scanner scanner{text, size};
  if (pattern == Pattern::gpt2) return gpt2_end(scanner, begin);
  return styled_end(scanner, begin, style_of(pattern));
}

bool metaspace_prepends(PrependScheme scheme, bool at_start, const uint8_t* text, size_t size,
                        const uint8_t* replacement, size_t replacement_size) {
  if (scheme == PrependScheme::never || (scheme == PrependScheme::first && !at_start)) return false;
  return size < replacement_size || std::memcmp(text, replacement, replacement_size) != 0;
}

}  // namespace wembed::text
