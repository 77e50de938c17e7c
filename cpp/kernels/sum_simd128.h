#pragma once
#include <cstddef>

#include "kernels/simd128.h"

namespace wembed {

inline v128_t promote_high_f32x4(v128_t values) {
  return wasm_f64x2_promote_low_f32x4(wasm_i64x2_shuffle(values, values, 1, 0));
}

/// Σ a[i]·b[i] with exact products and sums in f64, in four independent accumulators of two lanes.
inline double sum_of_products_f64(const float* a, const float* b, size_t dim) {
  v128_t sums[4];
#pragma clang loop unroll(full)  // or the sums lie in memory
  for (v128_t& sum : sums) sum = wasm_f64x2_splat(0);
  size_t d = 0;
  for (; d + 8 <= dim; d += 8) {
#pragma clang loop unroll(full)
    for (size_t k = 0; k < 2; ++k) {
      const v128_t x = wasm_v128_load(a + d + 4 * k), y = wasm_v128_load(b + d + 4 * k);
      sums[2 * k] =
          wasm_f64x2_add(sums[2 * k], wasm_f64x2_mul(wasm_f64x2_promote_low_f32x4(x), wasm_f64x2_promote_low_f32x4(y)));
      sums[2 * k + 1] = wasm_f64x2_add(sums[2 * k + 1], wasm_f64x2_mul(promote_high_f32x4(x), promote_high_f32x4(y)));
    }
  }
  const v128_t sum_f64x2 = wasm_f64x2_add(wasm_f64x2_add(sums[0], sums[1]), wasm_f64x2_add(sums[2], sums[3]));
  double sum = wasm_f64x2_extract_lane(sum_f64x2, 0) + wasm_f64x2_extract_lane(sum_f64x2, 1);
  for (; d < dim; ++d) sum += static_cast<double>(a[d]) * b[d];
  return sum;
}

}  // namespace wembed
