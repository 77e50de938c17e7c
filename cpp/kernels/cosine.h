#pragma once
#include <cmath>
#include <cstddef>

namespace wembed {

/// Cosine of the angle between two f32 vectors, in [-1, 1]; 0 if either is zero, NaN if either contains a NaN or ±inf.
/// Numerics: sums accumulate in f64 in both variants; |error| ≤ 4 ulp of f32.
float cosine_scalar(const float* a, const float* b, size_t dim);
float cosine_simd128(const float* a, const float* b, size_t dim);

/// a·b / (|a|·|b|) from the three sums. f32 inputs cannot overflow f64, so the clamp removes only rounding errors; a
/// NaN stays NaN.
inline float cosine_of(double ab, double aa, double bb) {
  if (aa == 0 || bb == 0) return 0;
  const double cosine = ab / (std::sqrt(aa) * std::sqrt(bb));
  return static_cast<float>(cosine > 1 ? 1 : cosine < -1 ? -1 : cosine);
}

}  // namespace wembed
