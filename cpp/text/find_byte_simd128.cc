#include "kernels/simd128.h"
#include "text/find_byte.h"

namespace wembed::text {

size_t find_byte_simd128(const uint8_t* text, size_t at, size_t size, uint8_t byte) {
  const v128_t wanted = wasm_i8x16_splat(static_cast<int8_t>(byte));
  for (; at + 32 <= size; at += 32) {
    const v128_t first = wasm_i8x16_eq(wasm_v128_load(text + at), wanted);
    const v128_t second = wasm_i8x16_eq(wasm_v128_load(text + at + 16), wanted);
    if (wasm_v128_any_true(wasm_v128_or(first, second))) break;
  }
  while (at < size && text[at] != byte) ++at;
  return at;
}

}  // namespace wembed::text
