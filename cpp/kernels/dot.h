#pragma once
#include <cstddef>

namespace wembed {

/// Inner product Σ a[i]·b[i] of two f32 vectors.
/// Numerics: exact products, sums in f64: |error| ≤ dim·2^-53·Σ|a[i]·b[i]| + ½ ulp of f32, in both variants.
float dot_scalar(const float* a, const float* b, size_t dim);
float dot_simd128(const float* a, const float* b, size_t dim);

}  // namespace wembed
