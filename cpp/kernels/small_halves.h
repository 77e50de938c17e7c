#pragma once
#include <cstddef>
#include <cstdint>

namespace wembed {

/// The columns of a row's f16 numbers below 2^-14 in magnitude: zeros and subnormals, whose bits do not follow the rule
/// of the others. Scores read all numbers by that rule and then correct these (kernels/logits.h).
/// @param row      (dim) f16
/// @param dim      a multiple of 8
/// @param most   the search stops after more than this many
/// @param columns  (most + 8) u16: their columns, in order
/// @returns how many were found, up to most + 8
size_t small_halves_scalar(const uint8_t* row, size_t dim, size_t most, uint16_t* columns);
size_t small_halves_simd128(const uint8_t* row, size_t dim, size_t most, uint16_t* columns);

}  // namespace wembed
