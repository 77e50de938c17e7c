#pragma once
#include "kernels/simd128.h"

namespace wembed::train {

/// Four numbers worked on together, in a register.
struct Simd128Lanes {
  using V = v128_t;
  static V splat(float a) { return wasm_f32x4_splat(a); }
  static V load(const float* a) { return wasm_v128_load(a); }
  static void store(float* a, V x) { wasm_v128_store(a, x); }
  static V add(V x, V y) { return wasm_f32x4_add(x, y); }
  static V mul(V x, V y) { return wasm_f32x4_mul(x, y); }
  static float sum(V x) {
    return (wasm_f32x4_extract_lane(x, 0) + wasm_f32x4_extract_lane(x, 1)) +
           (wasm_f32x4_extract_lane(x, 2) + wasm_f32x4_extract_lane(x, 3));
  }
};

}  // namespace wembed::train
