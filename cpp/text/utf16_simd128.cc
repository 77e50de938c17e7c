#include "kernels/simd128.h"
#include "text/utf16.h"

namespace wembed::text {
namespace {

/// By which of four characters have two bytes or more (its low bits), and which have three (its high ones): where the
/// bytes of a word each go.
struct Shuffles {
  uint8_t from[256][16];
  Shuffles() {
    for (uint32_t which = 0; which < 256; ++which) {
      uint32_t to = 0;
      for (uint32_t i = 0; i < 4; ++i) {
        const uint32_t bytes = 1 + (which >> i & 1) + (which >> (4 + i) & 1);
        for (uint32_t byte = 0; byte < bytes; ++byte) from[which][to++] = static_cast<uint8_t>(4 * i + byte);
      }
      while (to < 16) from[which][to++] = 0;
    }
  }
};

v128_t splat(uint32_t word) { return wasm_i32x4_splat(static_cast<int32_t>(word)); }
v128_t both(v128_t a, v128_t b) { return wasm_v128_and(a, b); }
v128_t any(v128_t a, v128_t b) { return wasm_v128_or(a, b); }

/// Writes four characters that are no surrogates.
[[gnu::always_inline]] inline uint8_t* write_four(v128_t units, const uint8_t (*shuffles)[16], uint8_t* out) {
  const v128_t second_of_2 = both(wasm_i32x4_shl(units, 8), splat(0x3F00));
  const v128_t two = any(wasm_u32x4_shr(units, 6), any(second_of_2, splat(0x80C0)));
  const v128_t rest_of_3 =
      any(both(wasm_i32x4_shl(units, 2), splat(0x3F00)), both(wasm_i32x4_shl(units, 16), splat(0x3F0000)));
  const v128_t three = any(wasm_u32x4_shr(units, 12), any(rest_of_3, splat(0x8080E0)));
  const v128_t from_2 = wasm_i32x4_gt(units, splat(0x7F)), from_3 = wasm_i32x4_gt(units, splat(0x7FF));
  const v128_t words = wasm_v128_bitselect(three, wasm_v128_bitselect(two, units, from_2), from_3);
  const uint32_t which =
      static_cast<uint32_t>(wasm_i32x4_bitmask(from_2)) | static_cast<uint32_t>(wasm_i32x4_bitmask(from_3)) << 4;
  wasm_v128_store(out, wasm_i8x16_swizzle(words, wasm_v128_load(shuffles[which])));
  return out + 4 + __builtin_popcount(which);
}

}  // namespace

size_t utf16_to_utf8_simd128(const uint16_t* units, size_t n, uint8_t* utf8) {
  static const Shuffles shuffles;
  const v128_t beyond_ascii = wasm_i16x8_splat(~0x7F);
  uint8_t* out = utf8;
  size_t at = 0;
  while (at + 16 <= n) {
    const v128_t a = wasm_v128_load(units + at), b = wasm_v128_load(units + at + 8);
    if (!wasm_v128_any_true(both(any(a, b), beyond_ascii))) {
      wasm_v128_store(out, wasm_u8x16_narrow_i16x8(a, b));
      out += 16;
      at += 16;
      continue;
    }
    const v128_t high = both(a, wasm_i16x8_splat(static_cast<int16_t>(0xF800)));
    if (wasm_v128_any_true(wasm_i16x8_eq(high, wasm_i16x8_splat(static_cast<int16_t>(0xD800))))) {
      for (const size_t end = at + 8; at < end;) at = write_character(units, n, at, &out);
      continue;
    }
    out = write_four(wasm_u32x4_extend_low_u16x8(a), shuffles.from, out);
    out = write_four(wasm_u32x4_extend_high_u16x8(a), shuffles.from, out);
    at += 8;
  }
  while (at < n) at = write_character(units, n, at, &out);
  return static_cast<size_t>(out - utf8);
}

size_t utf16_room_simd128(const uint16_t* units, size_t n) {
  const v128_t beyond_1 = wasm_i16x8_splat(~0x7F), beyond_2 = wasm_i16x8_splat(~0x7FF), none = wasm_i16x8_splat(0);
  size_t bytes = 0, at = 0;
  for (; at + 8 <= n; at += 8) {
    const v128_t eight = wasm_v128_load(units + at);
    const auto of_1 = static_cast<uint32_t>(wasm_i16x8_bitmask(wasm_i16x8_eq(both(eight, beyond_1), none)));
    const auto below_3 = static_cast<uint32_t>(wasm_i16x8_bitmask(wasm_i16x8_eq(both(eight, beyond_2), none)));
    bytes += 24 - static_cast<size_t>(__builtin_popcount(of_1 | below_3 << 8));
  }
  for (; at < n; ++at) bytes += room_of_unit(units[at]);
  return bytes;
}

}  // namespace wembed::text
