#pragma once
#include <cstddef>

namespace wembed {

/// The first i from `begin` on with x[i] > limit, or n if there is none: the next candidate in a search for the
/// largest.
/// @param x  (n) f32; a NaN is never above the limit
size_t first_above_scalar(const float* x, size_t n, size_t begin, float limit);
size_t first_above_simd128(const float* x, size_t n, size_t begin, float limit);

}  // namespace wembed
