#pragma once
#include <cstddef>

namespace wembed {

/// x[i] /= by: a sum becomes a mean. Correctly rounded.
/// @param x  (n) f32
void divide_scalar(float* x, size_t n, float by);
void divide_simd128(float* x, size_t n, float by);

}  // namespace wembed
