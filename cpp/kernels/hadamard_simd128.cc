#include "kernels/hadamard.h"
#include "kernels/simd128.h"

namespace wembed {
namespace {

/// The rounds over neighbours and over those two apart, for four numbers.
v128_t within_four(v128_t x) {
  const v128_t odd = wasm_f32x4_make(1, -1, 1, -1), last_two = wasm_f32x4_make(1, 1, -1, -1);
  x = wasm_f32x4_add(wasm_i32x4_shuffle(x, x, 0, 0, 2, 2), wasm_f32x4_mul(wasm_i32x4_shuffle(x, x, 1, 1, 3, 3), odd));
  return wasm_f32x4_add(wasm_i32x4_shuffle(x, x, 0, 1, 0, 1),
                        wasm_f32x4_mul(wasm_i32x4_shuffle(x, x, 2, 3, 2, 3), last_two));
}

}  // namespace

void hadamard_simd128(float* x, size_t n) {
  if (n < 4) {
    if (n < 2) return;
    const float a = x[0], b = x[1];
    x[0] = a + b;
    x[1] = a - b;
    return;
  }
  for (size_t i = 0; i < n; i += 4) wasm_v128_store(x + i, within_four(wasm_v128_load(x + i)));
  for (size_t half = 4; half < n; half *= 2) {
    for (size_t begin = 0; begin < n; begin += 2 * half) {
      for (size_t i = begin; i < begin + half; i += 4) {
        const v128_t a = wasm_v128_load(x + i), b = wasm_v128_load(x + i + half);
        wasm_v128_store(x + i, wasm_f32x4_add(a, b));
        wasm_v128_store(x + i + half, wasm_f32x4_sub(a, b));
      }
    }
  }
}

}  // namespace wembed
