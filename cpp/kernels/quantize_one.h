#pragma once
#include <cmath>

#include "kernels/quantize.h"

namespace wembed {

/// binary32 → binary16, to nearest, ties to even. A NaN stays a NaN.
inline uint16_t f16_from_float(float value) {
  const uint32_t bits = bits_from_float(value), sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return static_cast<uint16_t>(sign | 0x7e00);
  if (magnitude >= 0x477ff000) return static_cast<uint16_t>(sign | 0x7c00);  // rounds to 2^16 or more
  if (magnitude < 0x38800000) {
    // Subnormal: adding 1/2 puts the result's bits lowest, rounded by the addition.
    const float shifted = float_from_bits(magnitude) + 0.5f;
    return static_cast<uint16_t>(sign | (bits_from_float(shifted) - 0x3f000000));
  }
  return static_cast<uint16_t>(sign | ((magnitude - 0x38000000 + 0xfff + (magnitude >> 13 & 1)) >> 13));
}

/// binary32 → bfloat16, likewise.
inline uint16_t bf16_from_float(float value) {
  const uint32_t bits = bits_from_float(value);
  if ((bits & 0x7fffffff) > 0x7f800000) return static_cast<uint16_t>(bits >> 16 | 0x40);
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/// The bits of the smallest magnitude that rounds to infinity in a 16-bit dtype.
inline uint32_t first_too_large(Dtype dtype) { return dtype == Dtype::f16 ? 0x477ff000 : 0x7f7f8000; }

/// round(x / scale), 0 if the scale is 0; the result must fit an int.
inline int quantum(float x, float scale) { return scale == 0 ? 0 : static_cast<int>(std::nearbyint(x / scale)); }

/// A block's scale as f16, from its number of largest magnitude.
inline bool block_scale(float extreme, uint16_t* scale) {
  *scale = f16_from_float(extreme / -8.0f);
  return (*scale & 0x7c00) != 0x7c00;
}

/// q of i4: a scale that was rounded to f16 may be small enough to move x / scale out of the range.
inline int quantum_i4(float x, float scale) {
  if (scale == 0) return 0;
  const float q = std::nearbyint(x / scale);
  return q < -8 ? -8 : q > 7 ? 7 : static_cast<int>(q);
}

}  // namespace wembed
