#include "kernels/rotary.h"
#include "kernels/rotary_pair.h"
#include "kernels/simd128.h"

namespace wembed {
namespace {

void turn(v128_t* a, v128_t* b, const float* cos, const float* sin) {
  const v128_t x = *a, y = *b, c = wasm_v128_load(cos), s = wasm_v128_load(sin);
  *a = wasm_f32x4_sub(wasm_f32x4_mul(x, c), wasm_f32x4_mul(y, s));
  *b = wasm_f32x4_add(wasm_f32x4_mul(y, c), wasm_f32x4_mul(x, s));
}

void turn_head(float* x, size_t pairs, const float* cos, const float* sin) {
  size_t k = 0;
  for (; k + 4 <= pairs; k += 4) {
    v128_t a = wasm_v128_load(x + k), b = wasm_v128_load(x + pairs + k);
    turn(&a, &b, cos + k, sin + k);
    wasm_v128_store(x + k, a);
    wasm_v128_store(x + pairs + k, b);
  }
  for (; k < pairs; ++k) turn_pair(x + k, x + pairs + k, cos[k], sin[k]);
}

void turn_interleaved_head(float* x, size_t pairs, const float* cos, const float* sin) {
  size_t k = 0;
  for (; k + 4 <= pairs; k += 4) {
    const v128_t first = wasm_v128_load(x + 2 * k), second = wasm_v128_load(x + 2 * k + 4);
    v128_t a = wasm_i32x4_shuffle(first, second, 0, 2, 4, 6), b = wasm_i32x4_shuffle(first, second, 1, 3, 5, 7);
    turn(&a, &b, cos + k, sin + k);
    wasm_v128_store(x + 2 * k, wasm_i32x4_shuffle(a, b, 0, 4, 1, 5));
    wasm_v128_store(x + 2 * k + 4, wasm_i32x4_shuffle(a, b, 2, 6, 3, 7));
  }
  for (; k < pairs; ++k) turn_pair(x + 2 * k, x + 2 * k + 1, cos[k], sin[k]);
}

}  // namespace

void rotary_simd128(float* x, size_t n, const RotaryShape& shape, const float* cos, const float* sin) {
  for (size_t i = 0; i < n; ++i, cos += shape.pairs, sin += shape.pairs) {
    for (size_t head = 0; head < shape.heads; ++head, x += shape.head_dim) {
      shape.interleaved ? turn_interleaved_head(x, shape.pairs, cos, sin) : turn_head(x, shape.pairs, cos, sin);
    }
  }
}

}  // namespace wembed
