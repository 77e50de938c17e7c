#pragma once
#include <cstdint>

namespace wembed::text {

/// Characters beyond ASCII that are common and easily told by their bytes: what they are to the patterns of split.h.
/// Where a character is none of these, a piece with it is looked at character by character.
enum class WideKind : uint8_t { unknown, letter3, mark3, mark4, upper2, lower2, letter2 };

/// The definition. @param p  four bytes, of which the first begins a character
inline WideKind wide_kind(const uint8_t* p) {
  const auto inside = [](uint8_t byte) { return (byte & 0xC0) == 0x80; };
  const auto is_from = [](uint8_t byte, uint8_t first, uint8_t last) { return byte >= first && byte <= last; };
  const uint8_t a = p[0], b = p[1], c = p[2], d = p[3];
  if (a < 0xC3 || a > 0xF0 || !inside(b)) return WideKind::unknown;
  if (a == 0xC3 && b != 0x97 && b != 0xB7) return b < 0x9F ? WideKind::upper2 : WideKind::lower2;  // À to ÿ
  if (a == 0xD0) return b < 0xB0 ? WideKind::upper2 : WideKind::lower2;                            // Cyrillic
  if (a == 0xD1 && b < 0xA0) return WideKind::lower2;
  const bool latin = is_from(a, 0xC4, 0xC9) && !(a == 0xC5 && b == 0xBF);  // not ſ, which may be an s
  const bool greek = (a == 0xCE && b >= 0x91 && b != 0xA2) || (a == 0xCF && b != 0xB6);
  const bool cyrillic = a == 0xD1 || (a == 0xD2 && b >= 0x8A) || a == 0xD3;
  if (latin || greek || cyrillic) return WideKind::letter2;
  if (!inside(c)) return WideKind::unknown;
  const bool han = is_from(a, 0xE5, 0xE9) || (a == 0xE4 && b != 0xB7) || (a == 0xE3 && b >= 0x90);
  const bool hangul = (a == 0xEA && b >= 0xB0) || a == 0xEB || a == 0xEC || (a == 0xED && b <= 0x9D);
  const bool kana =
      a == 0xE3 && ((b == 0x81 && c != 0x80) || (b == 0x82 && !is_from(c, 0x97, 0xA0)) || (b == 0x83 && c != 0xBB));
  if (han || hangul || kana) return WideKind::letter3;
  const bool dashes = a == 0xE2 && b == 0x80 && is_from(c, 0x90, 0xA7);  // and quotation marks
  const bool ideographic = a == 0xE3 && b == 0x80 && (is_from(c, 0x81, 0x83) || is_from(c, 0x88, 0xA0));
  const bool full_width = a == 0xEF && ((b == 0xBC && (is_from(c, 0x81, 0x8F) || is_from(c, 0x9A, 0xA0))) ||
                                        (b == 0xBD && is_from(c, 0x9B, 0xA5)));
  if (dashes || ideographic || full_width) return WideKind::mark3;
  const bool emoji = a == 0xF0 && b == 0x9F && is_from(c, 0x8C, 0xAB) && inside(d);
  return emoji ? WideKind::mark4 : WideKind::unknown;
}

/// Whether a character that begins so may be known.
inline bool may_be_known(uint8_t first) {
  return static_cast<uint8_t>(first - 0xC3) < 0x11 || static_cast<uint8_t>(first - 0xE2) < 0x0F;
}

}  // namespace wembed::text
