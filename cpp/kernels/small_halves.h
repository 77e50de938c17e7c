#pragma once
#include <cstddef>
#include <cstdint>

namespace wembed {

/// Where a row's f16 numbers are smaller than 2^-14 in magnitude: zeros and subnormals, whose bits do not follow the
/// rule of the others. Scores read all by that rule and then put these right (kernels/logits.h).
/// @param row      (dim) f16
/// @param dim      a multiple of 8
/// @param most     where there are more, it stops
/// @param columns  (most + 8) u16: their places, in order
/// @returns how many were found, up to most + 8
size_t small_halves_scalar(const uint8_t* row, size_t dim, size_t most, uint16_t* columns);
size_t small_halves_simd128(const uint8_t* row, size_t dim, size_t most, uint16_t* columns);

}  // namespace wembed
