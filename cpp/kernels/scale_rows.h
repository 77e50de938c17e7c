#pragma once
#include <cstddef>

namespace wembed {

/// x[i] *= scales[i]: a factor for the score of each row. Correctly rounded.
/// @param x       (n) f32
/// @param scales  (n) f32
void scale_rows_scalar(float* x, const float* scales, size_t n);
void scale_rows_simd128(float* x, const float* scales, size_t n);

}  // namespace wembed
