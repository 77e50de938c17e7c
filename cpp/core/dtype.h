#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/codes.h"

namespace wembed {

// What the numbers of a table in each Dtype (core/codes.h) mean:
//   f32, f16 (binary16), bf16 (the high half of an f32): the number itself
// i8: q, -128 to 127; the number is scale × q, with one scale per row or one per table
// i4: blocks of 32 numbers in 16 bytes. The low half of byte j holds number j and the high half number j + 16, as q +
// 8, with q from -8 to 7; the number is scale × q, with one f16 scale per block. A row's last block may be partly
// empty.
constexpr uint32_t blocks_per_row(uint32_t dim) { return dim / kBlock + (dim % kBlock != 0); }

/// Without the scales.
constexpr size_t row_bytes(Dtype dtype, uint32_t dim) {
  return dtype == Dtype::i4                            ? size_t{blocks_per_row(dim)} * (kBlock / 2)
         : dtype == Dtype::f32                         ? size_t{dim} * 4
         : dtype == Dtype::f16 || dtype == Dtype::bf16 ? size_t{dim} * 2
                                                       : dim;
}

inline float float_from_bits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

inline uint32_t bits_from_float(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

/// IEEE 754 binary16 → binary32, exact for every input: zeros keep their sign, subnormals become normal, NaN keeps
/// its payload.
inline float float_from_f16(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000u) << 16;
  const uint32_t magnitude = static_cast<uint32_t>(half & 0x7fffu) << 13;
  if (magnitude >= 0x0f800000u) return float_from_bits(sign | 0x7f800000u | (magnitude & 0x007fffffu));
  if (magnitude >= 0x00800000u) return float_from_bits(sign | (magnitude + 0x38000000u));
  // Subnormal: m·2^-24. Built as 2^-14 + m·2^-24 and subtracted, so that no subnormal f32 ever appears.
  const float value = float_from_bits(magnitude + 0x38800000u) - float_from_bits(0x38800000u);
  return float_from_bits(bits_from_float(value) | sign);
}

}  // namespace wembed
