#pragma once
#include <cstddef>

namespace wembed {

/// Layer normalization (Ba et al. 2016) of each row in place: x[i,:] = (x[i,:] - mean) / sqrt(variance + epsilon) ×
/// weight + bias, with the mean and variance of the row.
/// @param x        (n, dim) f32
/// @param weight   (dim) f32
/// @param bias     (dim) f32
/// @param epsilon  ≥ 0
/// Numerics: f32 sums of the numbers minus the mean: with z = (x - mean) / deviation, |error| ≤ ((dim / 16 + 16)·(1 +
/// |z|) + 4·max|x| / deviation)·2^-24·|weight|, plus one rounding of the sum with the bias. A row that contains a NaN
/// or an infinity becomes NaN. Matches torch.nn.LayerNorm.
void layer_norm_scalar(float* x, size_t n, size_t dim, const float* weight, const float* bias, float epsilon);
void layer_norm_simd128(float* x, size_t n, size_t dim, const float* weight, const float* bias, float epsilon);

}  // namespace wembed
