#pragma once
#include <cstddef>

namespace wembed {

/// Scales each row to unit length in place: x[i,:] /= |x[i,:]|₂ + epsilon. A zero row stays zero.
/// @param x        (n, dim) f32
/// @param epsilon  ≥ 0; Model2Vec and this library's layers use 1e-32
/// @returns whether all numbers were finite
/// Numerics: norm² accumulates in f64, so no f32 row overflows or vanishes; relative error ≤ 2 ulp of f32.
bool normalize_scalar(float* x, size_t n, size_t dim, double epsilon);
bool normalize_simd128(float* x, size_t n, size_t dim, double epsilon);

}  // namespace wembed
