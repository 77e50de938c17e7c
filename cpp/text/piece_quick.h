#pragma once
#include <cstddef>
#include <cstdint>

#include "text/split.h"

namespace wembed::text {

/// The length of the piece at p where its 16 bytes decide it and hold no other characters than ASCII: nearly always; 0
/// where they do not. What `piece_end` finds, for a text of which 16 bytes or more are left.
/// @tparam Block  16 bytes: how many from a place on are of one kind (Block16Scalar, Block16Simd128)
template <class Block, Pattern kPattern>
inline size_t quick_piece(const uint8_t* p);

namespace quick {

/// What c is where it begins a piece.
enum Start : uint8_t { letter, digit, blank, line_end, other, apostrophe, wide };
inline Start start_of(uint8_t c) {
  if (uint8_t((c | 32) - 'a') < 26) return letter;
  if (c == ' ') return blank;
  if (c >= 0x80) return wide;
  if (uint8_t(c - '0') < 10) return digit;
  if (c == '\'') return apostrophe;
  if (c == '\n' || c == '\r') return line_end;
  return c == '\t' || c == 11 || c == 12 ? blank : other;
}

/// The run ends before `end`, if a character of more bytes does not go on with it there.
inline size_t ended(const uint8_t* p, uint32_t end) { return end < 16 && p[end] < 0x80 ? end : 0; }

inline bool may_contract(uint8_t c) {
  const uint8_t a = c | 32;
  return a == 's' || a == 't' || a == 'm' || a == 'd' || a == 'l' || a == 'r' || a == 'v' || c >= 0x80;
}

/// `\s+(?!\S)|\s+`
inline size_t spaces_before(const uint8_t* p, uint32_t end) {
  if (!ended(p, end)) return 0;
  return end > 1 ? end - 1 : 1;
}

template <class Block>
inline size_t gpt2(const uint8_t* p) {
  const Block block(p);
  const uint32_t from = p[0] == ' ';
  const uint32_t letters = block.letters(from);
  if (letters) return ended(p, from + letters);
  switch (start_of(p[from])) {
    case digit:
      return ended(p, from + block.digits(from));
    case apostrophe:
      if (!from && may_contract(p[1])) return 0;
      return ended(p, from + block.others(from));
    case other:
      return ended(p, from + block.others(from));
    case wide:
      return 0;
    default:
      return spaces_before(p, block.spaces(0));
  }
}

/// Words of the patterns after GPT-2's: from the first letter on.
template <class Block, Pattern kPattern>
inline size_t word(const uint8_t* p, const Block& block, uint32_t from) {
  if (kPattern != Pattern::o200k && kPattern != Pattern::tekken) return ended(p, from + block.letters(from));
  const uint32_t lower_from = from + block.upper(from);
  const uint32_t end = lower_from + block.lower(lower_from);
  if (kPattern == Pattern::o200k && end < 16 && p[end] == '\'') return 0;
  return ended(p, end);
}

template <class Block, Pattern kPattern>
inline size_t styled(const uint8_t* p) {
  constexpr bool kSlash = kPattern == Pattern::o200k || kPattern == Pattern::tekken;
  constexpr bool kContractsFirst = !kSlash;
  constexpr uint32_t kDigits = kPattern == Pattern::cl100k || kPattern == Pattern::o200k ? 3 : 1;
  const Block block(p);
  const bool letter_second = uint8_t((p[1] | 32) - 'a') < 26;
  const Start start = start_of(p[0]);
  if (start == letter) return word<Block, kPattern>(p, block, 0);
  if (letter_second && (start == blank || start == other)) return word<Block, kPattern>(p, block, 1);
  switch (start) {
    case digit: {
      uint32_t n = 1;
      while (n < kDigits && uint8_t(p[n] - '0') < 10) ++n;
      return n == kDigits ? n : ended(p, n);
    }
    case apostrophe:
      if (kContractsFirst && may_contract(p[1])) return 0;
      if (letter_second) return word<Block, kPattern>(p, block, 1);
      break;
    case other:
      break;
    case blank:
      if (p[0] == ' ' && (start_of(p[1]) == other || p[1] == '\'')) break;
      if (p[1] >= 0x80) return 0;
      [[fallthrough]];
    case line_end: {
      const uint32_t spaces = block.spaces(0);
      if (!ended(p, spaces)) return 0;
      for (uint32_t end = spaces; end > 0; --end) {
        if (p[end - 1] == '\n' || p[end - 1] == '\r') return end;
      }
      return spaces_before(p, spaces);
    }
    default:
      return 0;
  }
  if (p[1] >= 0x80) return 0;  // a letter may follow
  uint32_t end = 1 + block.others(1);
  if (!ended(p, end)) return 0;
  while (end < 16 && (p[end] == '\n' || p[end] == '\r' || (kSlash && p[end] == '/'))) ++end;
  return end < 16 ? end : 0;
}

}  // namespace quick

template <class Block, Pattern kPattern>
inline size_t quick_piece(const uint8_t* p) {
  if (kPattern == Pattern::gpt2) return quick::gpt2<Block>(p);
  return quick::styled<Block, kPattern>(p);
}

}  // namespace wembed::text
