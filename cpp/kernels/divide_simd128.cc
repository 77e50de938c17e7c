#include "kernels/divide.h"
#include "kernels/simd128.h"

namespace wembed {

void divide_simd128(float* x, size_t n, float by) {
  const v128_t by_f32x4 = wasm_f32x4_splat(by);
  size_t i = 0;
  for (; i + 4 <= n; i += 4) wasm_v128_store(x + i, wasm_f32x4_div(wasm_v128_load(x + i), by_f32x4));
  for (; i < n; ++i) x[i] /= by;
}

}  // namespace wembed
