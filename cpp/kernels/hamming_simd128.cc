#include <algorithm>

#include "kernels/hamming.h"
#include "kernels/simd128.h"

namespace wembed {

void hamming_simd128(const uint8_t* rows, const uint8_t* x, size_t n, size_t bytes, uint32_t* out) {
  // So many registers' counts of 8 bits and fewer add up within a byte.
  constexpr size_t kMost = 31 * 16;
  for (size_t r = 0; r < n; ++r, rows += bytes) {
    v128_t sum_u32x4 = wasm_i32x4_splat(0);
    for (size_t begin = 0; begin < bytes; begin += kMost) {
      const size_t end = std::min(bytes, begin + kMost);
      v128_t sum_u8x16 = wasm_i8x16_splat(0);
      for (size_t i = begin; i < end; i += 16) {
        const v128_t differing = wasm_v128_xor(wasm_v128_load(rows + i), wasm_v128_load(x + i));
        sum_u8x16 = wasm_i8x16_add(sum_u8x16, wasm_i8x16_popcnt(differing));
      }
      sum_u32x4 =
          wasm_i32x4_add(sum_u32x4, wasm_u32x4_extadd_pairwise_u16x8(wasm_u16x8_extadd_pairwise_u8x16(sum_u8x16)));
    }
    out[r] = static_cast<uint32_t>(wasm_i32x4_extract_lane(sum_u32x4, 0) + wasm_i32x4_extract_lane(sum_u32x4, 1) +
                                   wasm_i32x4_extract_lane(sum_u32x4, 2) + wasm_i32x4_extract_lane(sum_u32x4, 3));
  }
}

}  // namespace wembed
