#pragma once
#include <cstddef>
#include <cstdint>

namespace wembed::text {

/// UTF-16 → UTF-8; a surrogate without its other half becomes U+FFFD.
/// @param units  (n)
/// @param utf8   room for 3 bytes a unit; up to 16 bytes after the last are overwritten
/// @returns how many bytes were written
using Utf16ToUtf8 = size_t (*)(const uint16_t* units, size_t n, uint8_t* utf8);

size_t utf16_to_utf8_scalar(const uint16_t* units, size_t n, uint8_t* utf8);
size_t utf16_to_utf8_simd128(const uint16_t* units, size_t n, uint8_t* utf8);

/// How many bytes of UTF-8 some units have at most: of a pair of surrogates 6 are counted, which has 4.
using Utf16Room = size_t (*)(const uint16_t* units, size_t n);

size_t utf16_room_scalar(const uint16_t* units, size_t n);
size_t utf16_room_simd128(const uint16_t* units, size_t n);

/// The variant's own.
extern const Utf16ToUtf8 kUtf16ToUtf8;
extern const Utf16Room kUtf16Room;

/// How many bytes a unit has at most.
inline size_t room_of_unit(uint16_t unit) { return size_t{1} + (unit >= 0x80) + (unit >= 0x800); }

/// Writes the character at `at` and returns the place of the next one.
inline size_t write_character(const uint16_t* units, size_t n, size_t at, uint8_t** utf8) {
  const uint32_t unit = units[at++];
  uint8_t* out = *utf8;
  if (unit < 0x80) {
    *out++ = static_cast<uint8_t>(unit);
  } else if (unit < 0x800) {
    *out++ = static_cast<uint8_t>(0xC0 | unit >> 6);
    *out++ = static_cast<uint8_t>(0x80 | (unit & 0x3F));
  } else if ((unit & 0xFC00) == 0xD800 && at < n && (units[at] & 0xFC00) == 0xDC00) {
    const uint32_t cp = 0x10000 + ((unit & 0x3FF) << 10 | (units[at++] & 0x3FF));
    *out++ = static_cast<uint8_t>(0xF0 | cp >> 18);
    *out++ = static_cast<uint8_t>(0x80 | (cp >> 12 & 0x3F));
    *out++ = static_cast<uint8_t>(0x80 | (cp >> 6 & 0x3F));
    *out++ = static_cast<uint8_t>(0x80 | (cp & 0x3F));
  } else {
    const uint32_t cp = (unit & 0xF800) == 0xD800 ? 0xFFFD : unit;
    *out++ = static_cast<uint8_t>(0xE0 | cp >> 12);
    *out++ = static_cast<uint8_t>(0x80 | (cp >> 6 & 0x3F));
    *out++ = static_cast<uint8_t>(0x80 | (cp & 0x3F));
  }
  *utf8 = out;
  return at;
}

}  // namespace wembed::text
