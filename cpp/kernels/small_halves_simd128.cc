#include "kernels/simd128.h"
#include "kernels/small_halves.h"

namespace wembed {

size_t small_halves_simd128(const uint8_t* row, size_t dim, size_t most, uint16_t* columns) {
  const v128_t exponent = wasm_i16x8_splat(0x7c00), zero = wasm_i16x8_splat(0);
  size_t found = 0;
  for (size_t d = 0; d < dim && found <= most; d += 8) {
    uint32_t small = wasm_i16x8_bitmask(wasm_i16x8_eq(wasm_v128_and(wasm_v128_load(row + 2 * d), exponent), zero));
    for (; small; small &= small - 1) columns[found++] = static_cast<uint16_t>(d + __builtin_ctz(small));
  }
  return found;
}

}  // namespace wembed
