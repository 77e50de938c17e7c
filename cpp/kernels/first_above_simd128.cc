#include "kernels/first_above.h"
#include "kernels/simd128.h"

namespace wembed {

size_t first_above_simd128(const float* x, size_t n, size_t begin, float limit) {
  const v128_t limit_f32x4 = wasm_f32x4_splat(limit);
  size_t i = begin;
  for (; i + 16 <= n; i += 16) {
    v128_t above = wasm_f32x4_gt(wasm_v128_load(x + i), limit_f32x4);
    for (size_t k = 1; k < 4; ++k) {
      above = wasm_v128_or(above, wasm_f32x4_gt(wasm_v128_load(x + i + 4 * k), limit_f32x4));
    }
    if (wasm_v128_any_true(above)) break;
  }
  while (i < n && !(x[i] > limit)) ++i;
  return i;
}

}  // namespace wembed
