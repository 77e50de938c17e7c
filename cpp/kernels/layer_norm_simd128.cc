#include <cmath>

#include "kernels/layer_norm.h"
#include "kernels/simd128.h"

namespace wembed {
namespace {

float sum_of(v128_t x) {
  return (wasm_f32x4_extract_lane(x, 0) + wasm_f32x4_extract_lane(x, 1)) +
         (wasm_f32x4_extract_lane(x, 2) + wasm_f32x4_extract_lane(x, 3));
}

float sum_of(const v128_t sums[4]) {
  return sum_of(wasm_f32x4_add(wasm_f32x4_add(sums[0], sums[1]), wasm_f32x4_add(sums[2], sums[3])));
}

float mean_of(const float* x, size_t dim) {
  v128_t sums[4];
  for (v128_t& sum : sums) sum = wasm_f32x4_splat(0);
  size_t d = 0;
  for (; d + 16 <= dim; d += 16) {
#pragma clang loop unroll(full)
    for (size_t k = 0; k < 4; ++k) sums[k] = wasm_f32x4_add(sums[k], wasm_v128_load(x + d + 4 * k));
  }
  float sum = sum_of(sums);
  for (; d < dim; ++d) sum += x[d];
  return sum / static_cast<float>(dim);
}

struct Moments {
  float mean, variance;
};

/// Moments of a row minus the mean from `mean_of`: the remaining mean is the rounding error of that one.
Moments moments_about(float mean, const float* x, size_t dim) {
  const v128_t mean_f32x4 = wasm_f32x4_splat(mean);
  v128_t sums[4], squares[4];
  for (v128_t& sum : sums) sum = wasm_f32x4_splat(0);
  for (v128_t& sum : squares) sum = wasm_f32x4_splat(0);
  size_t d = 0;
  for (; d + 16 <= dim; d += 16) {
#pragma clang loop unroll(full)
    for (size_t k = 0; k < 4; ++k) {
      const v128_t off = wasm_f32x4_sub(wasm_v128_load(x + d + 4 * k), mean_f32x4);
      sums[k] = wasm_f32x4_add(sums[k], off);
      squares[k] = wasm_f32x4_add(squares[k], wasm_f32x4_mul(off, off));
    }
  }
  float sum = sum_of(sums), square = sum_of(squares);
  for (; d < dim; ++d) {
    sum += x[d] - mean;
    square += (x[d] - mean) * (x[d] - mean);
  }
  const float rest = sum / static_cast<float>(dim), variance = square / static_cast<float>(dim) - rest * rest;
  return {rest, variance < 0 ? 0 : variance};
}

}  // namespace

void layer_norm_simd128(float* x, size_t n, size_t dim, const float* weight, const float* bias, float epsilon) {
  for (size_t i = 0; i < n; ++i, x += dim) {
    const float mean = mean_of(x, dim);
    const Moments left = moments_about(mean, x, dim);
    const float factor = 1 / std::sqrt(left.variance + epsilon);
    const v128_t mean_f32x4 = wasm_f32x4_splat(mean), rest = wasm_f32x4_splat(left.mean),
                 factor_f32x4 = wasm_f32x4_splat(factor);
    size_t d = 0;
    for (; d + 4 <= dim; d += 4) {
      const v128_t off = wasm_f32x4_sub(wasm_f32x4_sub(wasm_v128_load(x + d), mean_f32x4), rest);
      const v128_t scaled = wasm_f32x4_mul(wasm_f32x4_mul(off, factor_f32x4), wasm_v128_load(weight + d));
      wasm_v128_store(x + d, wasm_f32x4_add(scaled, wasm_v128_load(bias + d)));
    }
    for (; d < dim; ++d) x[d] = (x[d] - mean - left.mean) * factor * weight[d] + bias[d];
  }
}

}  // namespace wembed
