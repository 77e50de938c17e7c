#include "text/json_text.h"

#include "kernels/simd128.h"

namespace wembed::text {
namespace {

/// What follows the backslash of a character below 0x20, where one letter does.
constexpr char kLetters[] = "\0\0\0\0\0\0\0\0btn\0fr";

uint8_t* put_escape(uint8_t* to, uint8_t byte) {
  *to++ = '\\';
  const char letter = byte >= 0x20 ? static_cast<char>(byte) : byte < 14 ? kLetters[byte] : '\0';
  if (letter) {
    *to = static_cast<uint8_t>(letter);
    return to + 1;
  }
  to[0] = 'u';
  to[1] = to[2] = '0';
  to[3] = static_cast<uint8_t>('0' + (byte >> 4));
  to[4] = static_cast<uint8_t>("0123456789abcdef"[byte & 15]);
  return to + 5;
}

}  // namespace

uint32_t write_text(const uint8_t* utf8, uint32_t size, uint8_t* to) {
  const uint8_t* const begin = to;
  *to++ = '"';
  for (uint32_t at = 0; at < size;) {
    const v128_t bytes = wasm_v128_load(utf8 + at);
    wasm_v128_store(to, bytes);
    const v128_t special = wasm_v128_or(
        wasm_v128_or(wasm_i8x16_eq(bytes, wasm_i8x16_splat('"')), wasm_i8x16_eq(bytes, wasm_i8x16_splat('\\'))),
        wasm_u8x16_lt(bytes, wasm_i8x16_splat(0x20)));
    const uint32_t left = size - at < 16 ? size - at : 16;
    const uint32_t found = wasm_i8x16_bitmask(special) | 1u << left;
    const uint32_t plain = static_cast<uint32_t>(__builtin_ctz(found));
    at += plain;
    to += plain;
    if (plain < left) to = put_escape(to, utf8[at++]);
  }
  *to++ = '"';
  return static_cast<uint32_t>(to - begin);
}

}  // namespace wembed::text
