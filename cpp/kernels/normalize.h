#pragma once
#include <cstddef>

namespace wembed {

/// Scales each row to unit length in place: x[i,:] /= |x[i,:]|₂ + epsilon. A zero row stays zero.
/// @param x        (n, dim) f32
/// @param epsilon  ≥ 0; Model2Vec and this library's layers use 1e-32
/// Numerics: norm² accumulates in f64, so no f32 row overflows or vanishes; relative error ≤ 2 ulp of f32.
void normalize_scalar(float* x, size_t n, size_t dim, double epsilon);
void normalize_simd128(float* x, size_t n, size_t dim, double epsilon);

}  // namespace wembed
