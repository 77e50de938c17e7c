#pragma once
#include <cstddef>

#include "core/dtype.h"

namespace wembed {

/// e^x for x <= 0, to 2 ulp; 0 for x ≤ -87, NaN for NaN. (Cephes' expf: 2^n times a polynomial of the remainder.)
inline float exp_of_negative(float x) {
  if (x <= -87.0f) return 0;
  // Adding 1.5·2^23 rounds a number to an integer and leaves it in the lowest bits.
  const float rounded = x * 1.44269504f + 0x1.8p23f;
  const float n = rounded - 0x1.8p23f;
  const float r = x - n * 0.693359375f - n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  return (p * r * r + r + 1) * float_from_bits((bits_from_float(rounded) << 23) + 0x3f800000);
}

/// Σ e^(x[i] - max): a softmax's denominator; it can be accumulated over parts of a vector.
/// @param x    (n) f32, each <= max
/// Numerics: each term to 2 ulp, or to 1e-37 if it is smaller; 16 partial sums in f32, added in f64.
double exp_sum_scalar(const float* x, size_t n, float max);
double exp_sum_simd128(const float* x, size_t n, float max);

}  // namespace wembed
