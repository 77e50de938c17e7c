#include "kernels/scale_rows.h"
#include "kernels/simd128.h"

namespace wembed {

void scale_rows_simd128(float* x, const float* scales, size_t n) {
  size_t i = 0;
  for (; i + 4 <= n; i += 4) wasm_v128_store(x + i, wasm_f32x4_mul(wasm_v128_load(x + i), wasm_v128_load(scales + i)));
  for (; i < n; ++i) x[i] *= scales[i];
}

}  // namespace wembed
