#include "kernels/squared_length.h"
#include "kernels/sum_simd128.h"

namespace wembed {

double squared_length_simd128(const float* x, size_t dim) { return sum_of_products_f64(x, x, dim); }

uint32_t squared_quanta_simd128(const int8_t* q, size_t dim) {
  v128_t sums = wasm_i32x4_splat(0);
  for (size_t d = 0; d < dim; d += 8) {
    const v128_t quanta = wasm_i16x8_load8x8(q + d);
    sums = wasm_i32x4_add(sums, wasm_i32x4_dot_i16x8(quanta, quanta));
  }
  sums = wasm_i32x4_add(sums, wasm_i64x2_shuffle(sums, sums, 1, 0));
  const uint64_t two = static_cast<uint64_t>(wasm_i64x2_extract_lane(sums, 0));
  return static_cast<uint32_t>(two + (two >> 32));
}

}  // namespace wembed
