#include "kernels/exp_sum.h"
#include "kernels/simd128.h"

namespace wembed {
namespace {

v128_t multiply_add(v128_t a, v128_t b, float c) { return wasm_f32x4_add(wasm_f32x4_mul(a, b), wasm_f32x4_splat(c)); }

/// e^x for x from -87 to 0, NaN for NaN.
v128_t exp_f32x4(v128_t x) {
  const v128_t magic = wasm_f32x4_splat(0x1.8p23f);
  const v128_t rounded = multiply_add(x, wasm_f32x4_splat(1.44269504f), 0x1.8p23f);
  const v128_t n = wasm_f32x4_sub(rounded, magic);
  const v128_t r = wasm_f32x4_sub(wasm_f32x4_sub(x, wasm_f32x4_mul(n, wasm_f32x4_splat(0.693359375f))),
                                  wasm_f32x4_mul(n, wasm_f32x4_splat(-2.12194440e-4f)));
  // The polynomial is evaluated in pairs, to shorten the chain of dependent operations.
  const v128_t r2 = wasm_f32x4_mul(r, r);
  const v128_t high = multiply_add(r, wasm_f32x4_splat(1.9875691500e-4f), 1.3981999507e-3f);
  const v128_t middle = multiply_add(r, wasm_f32x4_splat(8.3334519073e-3f), 4.1665795894e-2f);
  const v128_t low = multiply_add(r, wasm_f32x4_splat(1.6666665459e-1f), 5.0000001201e-1f);
  v128_t p = wasm_f32x4_add(wasm_f32x4_mul(wasm_f32x4_add(wasm_f32x4_mul(high, r2), middle), r2), low);
  p = wasm_f32x4_add(wasm_f32x4_mul(p, r2), wasm_f32x4_add(r, wasm_f32x4_splat(1)));
  const v128_t power = wasm_i32x4_add(wasm_i32x4_shl(rounded, 23), wasm_i32x4_splat(0x3f800000));
  return wasm_f32x4_mul(p, power);
}

}  // namespace

double exp_sum_simd128(const float* x, size_t n, float max) {
  const v128_t max_f32x4 = wasm_f32x4_splat(max), least = wasm_f32x4_splat(-87.0f);
  v128_t sums[4];
  for (v128_t& sum : sums) sum = wasm_f32x4_splat(0);
  size_t i = 0;
  for (; i + 16 <= n; i += 16) {
#pragma clang loop unroll(disable)  // four exponentials at once need more registers than there are
    for (size_t k = 0; k < 4; ++k)
      sums[k] = wasm_f32x4_add(
          sums[k], exp_f32x4(wasm_f32x4_pmax(wasm_f32x4_sub(wasm_v128_load(x + i + 4 * k), max_f32x4), least)));
  }
  double total = 0;
  for (const v128_t sum : sums) {
    total += wasm_f32x4_extract_lane(sum, 0);
    total += wasm_f32x4_extract_lane(sum, 1);
    total += wasm_f32x4_extract_lane(sum, 2);
    total += wasm_f32x4_extract_lane(sum, 3);
  }
  for (; i < n; ++i) total += exp_of_negative(x[i] - max);
  return total;
}

}  // namespace wembed
