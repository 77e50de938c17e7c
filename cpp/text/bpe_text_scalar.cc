#include "text/bpe_text.h"
#include "text/wide_kinds.h"

namespace wembed::text {
namespace {

enum Kind : uint8_t { kUpper, kLower, kDigit, kBlank, kTab, kLineEnd, kApostrophe, kSlash, kWide, kRest, kKinds };

Kind kind_of(uint8_t c) {
  if (c >= 0x80) return kWide;
  if (uint8_t(c - 'a') < 26) return kLower;
  if (uint8_t(c - 'A') < 26) return kUpper;
  if (uint8_t(c - '0') < 10) return kDigit;
  if (c == ' ') return kBlank;
  if (c == '\n' || c == '\r') return kLineEnd;
  if (uint8_t(c - 9) < 5) return kTab;
  return c == '\'' ? kApostrophe : c == '/' ? kSlash : kRest;
}

struct Block64Scalar {
  static Kinds64 kinds(const uint8_t* p) {
    static const uint8_t* const table = [] {
      static uint8_t kinds[256];
      for (uint32_t c = 0; c < 256; ++c) kinds[c] = kind_of(uint8_t(c));
      return kinds;
    }();
    uint64_t bits[kKinds] = {};
    for (uint32_t i = 0; i < 64; ++i) bits[table[p[i]]] |= uint64_t{1} << i;
    return {bits[kUpper] | bits[kLower],
            bits[kUpper],
            bits[kLower],
            bits[kDigit],
            bits[kBlank],
            bits[kTab] | bits[kLineEnd],
            bits[kTab],
            bits[kLineEnd],
            bits[kApostrophe],
            bits[kSlash],
            bits[kWide],
            beyond(p, bits[kWide])};
  }

  static WideKinds64 beyond(const uint8_t* p, uint64_t wide) {
    WideKinds64 found{};
    for (uint64_t left = wide; left; left &= left - 1) {
      const auto i = static_cast<uint32_t>(__builtin_ctzll(left));
      const WideKind kind = wide_kind(p + i);
      const uint64_t bit = uint64_t{1} << i;
      if (kind == WideKind::letter3) found.letter3 |= bit;
      if (kind == WideKind::mark3) found.mark3 |= bit;
      if (kind == WideKind::mark4) found.mark4 |= bit;
      if (kind == WideKind::upper2) found.upper2 |= bit;
      if (kind == WideKind::lower2) found.lower2 |= bit;
      if (kind >= WideKind::upper2) found.letter2 |= bit;
    }
    return found;
  }
};

}  // namespace

size_t bpe_text_scalar(Bpe& bpe, Pattern pattern, const uint8_t* text, size_t size, size_t most, Array<uint32_t>* ids) {
  return bpe_text<Block64Scalar>(bpe, pattern, text, size, most, ids);
}

}  // namespace wembed::text
