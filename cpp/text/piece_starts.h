#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "text/split.h"

namespace wembed::text {

/// Characters beyond ASCII of which it is known what they are, by their first bytes. What these stand for is said in
/// wide_kinds.h.
struct WideKinds64 {
  uint64_t letter3;                  // of three bytes, without case
  uint64_t mark3, mark4;             // no letter, number, white space or \p{M}
  uint64_t upper2, lower2, letter2;  // of two bytes; the last: of any case
};

/// What the 64 bytes from a place on are, a bit a byte, the first the lowest.
struct Kinds64 {
  uint64_t letter;  // upper and lower
  uint64_t upper, lower, digit;
  uint64_t blank;     // the space itself
  uint64_t white;     // other white space: tabs and line ends
  uint64_t tab;       // of that what is no line end
  uint64_t line_end;  // \r, \n
  uint64_t apostrophe, slash;
  uint64_t wide;  // of characters of more bytes
  WideKinds64 beyond;
};

/// Where pieces begin: what `piece_end` finds one by one, found for 64 bytes at once, in a few operations on bits for
/// each of a pattern's rules.
struct PieceStarts {
  uint64_t starts;  // the first byte begins a piece
  uint32_t known;   // starts before this are right; what comes later may depend on what is not seen
};

namespace starts {

/// The length of the contraction at an apostrophe, or 0.
inline uint32_t contraction(const uint8_t* p, bool fold) {
  const uint8_t bit = fold ? 32 : 0, a = p[1] | bit, b = p[2] | bit;
  if (a == 's' || a == 't' || a == 'm' || a == 'd') return 2;
  return ((a == 'r' || a == 'v') && b == 'e') || (a == 'l' && b == 'l') ? 3 : 0;
}

/// How many of the 64 bytes are certain: a start depends on the byte after it, and wide ones are looked at elsewhere.
inline uint32_t known(uint64_t wide) {
  constexpr uint32_t kMost = 61;  // a contraction has three
  if (wide == 0) return kMost;
  const uint32_t first = static_cast<uint32_t>(__builtin_ctzll(wide));
  return first < 1 ? 0 : first - 1 < kMost ? first - 1 : kMost;
}

/// The bytes of characters by their first ones.
inline uint64_t of2(uint64_t first) { return first | first << 1; }
inline uint64_t of3(uint64_t first) { return first | first << 1 | first << 2; }
inline uint64_t of4(uint64_t first) { return of2(first) | of2(first) << 2; }

/// The known characters beyond ASCII among the others.
struct Letters {
  uint64_t upper, lower, uncased, wide;
  uint64_t all() const { return upper | lower | uncased; }
};

template <bool kCased>
[[gnu::always_inline]] inline Letters letters_of(const Kinds64& k) {
  Letters found{kCased ? k.upper : 0, kCased ? k.lower : 0, kCased ? 0 : k.letter, k.wide};
  if (k.wide == 0) return found;
  const WideKinds64& beyond = k.beyond;
  found.uncased |= of3(beyond.letter3);
  if (kCased) {
    found.upper |= of2(beyond.upper2);
    found.lower |= of2(beyond.lower2);
  } else {
    found.uncased |= of2(beyond.letter2);
  }
  found.wide &= ~(found.all() | of3(beyond.mark3) | of4(beyond.mark4));
  return found;
}

[[gnu::always_inline]] inline PieceStarts gpt2(const Kinds64& k, const uint8_t* p) {
  const Letters letters = letters_of<false>(k);
  const uint64_t letter = letters.all(), wide = letters.wide, space = k.blank | k.white;
  const uint64_t other = ~(letter | k.digit | space | wide);
  const uint64_t goes_on = (letter & letter << 1) | (k.digit & k.digit << 1) | (other & other << 1) |
                           (~space & k.blank << 1) | (space & space << 1 & space >> 1);
  uint64_t starts = ~goes_on | 1;
  const uint32_t sure = known(wide);
  for (uint64_t left = k.apostrophe & starts & ((uint64_t{1} << sure) - 1); left; left &= left - 1) {
    const uint32_t at = static_cast<uint32_t>(__builtin_ctzll(left)), n = contraction(p + at, false);
    if (n == 0) continue;
    starts &= ~(uint64_t{3} << (at + 1));
    starts |= uint64_t{1} << (at + n);
  }
  return {starts, sure};
}

/// The line ends that go with the marks before them, and for some patterns slashes after the first of these.
template <bool kSlash>
inline uint64_t taken_line_ends(const Kinds64& k, uint64_t other) {
  const uint64_t after = kSlash ? k.line_end | k.slash : k.line_end, first = k.line_end & other << 1;
  if (!kSlash || !(k.line_end & k.slash << 1)) return after & ~(after + first);  // a bit added to a run clears its rest
  uint64_t taken = first;
  for (uint64_t more; (more = taken << 1 & after & ~taken);) taken |= more;
  return taken;
}

/// Line end, blanks, line end are one piece, which the bits do not show: where the first such run of white space begins
/// in what they do, or 64. @param restart  blanks after a line end
inline uint32_t first_unclear(uint64_t wide, uint64_t blank, uint64_t line_end, uint64_t restart) {
  uint64_t ends = (blank + restart) & ~blank & (line_end | wide);
  if (blank >> 63 && ~blank) {  // a run whose end is not seen
    const uint32_t begin = 64 - static_cast<uint32_t>(__builtin_clzll(~blank));
    if (restart >> begin & 1) ends |= uint64_t{1} << 63;
  }
  if (ends == 0) return 64;
  uint32_t at = static_cast<uint32_t>(__builtin_ctzll(ends));
  while (at > 0 && ((blank | line_end) >> (at - 1) & 1)) --at;
  return at;
}

template <Pattern kPattern>
[[gnu::always_inline]] inline PieceStarts styled(const Kinds64& k, const uint8_t* p) {
  constexpr bool kCased = kPattern == Pattern::o200k || kPattern == Pattern::tekken;
  constexpr bool kContractsLast = kPattern == Pattern::o200k;
  const Letters letters = letters_of<kCased>(k);
  const uint64_t letter = letters.all(), wide = letters.wide;
  const uint64_t other = ~(letter | k.digit | k.blank | k.tab | k.line_end | wide);
  const uint64_t taken = taken_line_ends<kCased>(k, other);
  const uint64_t marks = other & ~taken, line_end = k.line_end & ~taken;
  const uint64_t blank = k.blank | k.tab, space = blank | line_end;
  // A character before letters goes with them if it begins a piece: white space does, one mark alone does.
  uint64_t alone = marks & ~(marks << 1) & ~(k.blank << 1);
  if (k.wide) {  // what counts is where it ends
    const uint64_t three = alone & k.beyond.mark3, four = alone & k.beyond.mark4;
    alone = (alone & ~three & ~four) | three << 2 | four << 3;
  }
  uint64_t goes_on = (letter & (letter | blank | alone) << 1) | (marks & (marks | k.blank) << 1) | taken;
  if (kCased) goes_on &= ~(letters.upper & letters.lower << 1);
  // White space up to its last line end is one piece, what comes after it but for the last character another.
  const uint64_t restart = blank & line_end << 1;
  goes_on |= space & space << 1 & ~restart & ~(blank & ~(space >> 1));
  uint64_t starts = ~goes_on | 1;
  uint32_t sure = known(wide);
  if (restart) {
    const uint32_t unclear = first_unclear(wide, blank, line_end, restart);
    if (unclear < sure) sure = unclear + 1;
  }
  if (kCased && letters.uncased) {
    // Those without case count as either: where they stand beside others, what comes later decides.
    const uint64_t cased = letters.upper | letters.lower;
    const uint64_t mixed = (cased & letters.uncased << 1) | (letters.uncased & cased << 1);
    if (mixed) sure = std::min(sure, static_cast<uint32_t>(__builtin_ctzll(mixed)));
  }
  if (kPattern == Pattern::cl100k || kPattern == Pattern::o200k) {
    uint64_t third = k.digit & ~(k.digit << 1);
    starts &= ~(k.digit & k.digit << 1);
    while ((third = third << 3 & k.digit & k.digit << 1 & k.digit << 2)) starts |= third;
  }
  if (kPattern == Pattern::tekken) return {starts, sure};
  uint32_t last_end = 64;
  const uint64_t begins = kContractsLast ? k.apostrophe & letter << 1 : k.apostrophe & starts;
  for (uint64_t left = begins & ((uint64_t{1} << sure) - 1); left; left &= left - 1) {
    const uint32_t at = static_cast<uint32_t>(__builtin_ctzll(left)), n = contraction(p + at, true);
    if (n == 0 || (kContractsLast && at == last_end)) continue;  // a word has but one
    starts &= ~(uint64_t{kContractsLast ? 7u : 6u} << at);
    last_end = at + n;
    starts |= uint64_t{1} << last_end;
  }
  return {starts, sure};
}

}  // namespace starts

/// @param p  64 bytes can be read, and begin a piece; `kinds` are theirs
template <Pattern kPattern>
[[gnu::always_inline]] inline PieceStarts piece_starts(const Kinds64& kinds, const uint8_t* p) {
  if (kPattern == Pattern::gpt2) return starts::gpt2(kinds, p);
  return starts::styled<kPattern>(kinds, p);
}

}  // namespace wembed::text
