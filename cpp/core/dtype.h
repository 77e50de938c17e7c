#pragma once
#include <cstdint>
#include <cstring>

namespace wembed {

/// How a table's numbers are stored. The order is the wire order shared with web/types.js.
enum class Dtype : uint32_t { f32, f16, i8 };

constexpr uint32_t kDtypeCount = 3;

constexpr uint32_t bytes_per_value(Dtype dtype) { return dtype == Dtype::f32 ? 4 : dtype == Dtype::f16 ? 2 : 1; }

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
