#pragma once
#include <cstddef>

namespace wembed {

/// Σ x[i]² of an f32 vector: 0 for a zero vector, NaN or +inf if it contains a NaN or ±inf.
/// Numerics: exact products, sums in f64, so that no f32 vector overflows or vanishes; relative error ≤ dim · 2^-53.
double squared_length_scalar(const float* x, size_t dim);
double squared_length_simd128(const float* x, size_t dim);

}  // namespace wembed
