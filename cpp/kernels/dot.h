#pragma once
#include <cstddef>

namespace wembed {

/// Inner product Σ a[i]·b[i] of two f32 vectors.
/// Numerics: exact products, sums in f64: |error| ≤ dim·2^-53·Σ|a[i]·b[i]| + ½ ulp of f32, in both variants.
float dot_scalar(const float* a, const float* b, size_t dim);
float dot_simd128(const float* a, const float* b, size_t dim);

/// Cosine of the angle between two f32 vectors, in [-1, 1]; 0 if either is zero, NaN if either contains a NaN or ±inf.
/// Numerics: sums accumulate in f64 in both variants; |error| ≤ 4 ulp of f32.
float cosine_scalar(const float* a, const float* b, size_t dim);
float cosine_simd128(const float* a, const float* b, size_t dim);

}  // namespace wembed
