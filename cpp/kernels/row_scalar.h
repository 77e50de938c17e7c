#pragma once
#include "core/view.h"

namespace wembed {

/// Number d of a stored row as f32, before the row's scale: the definition that every variant must match.
inline float value_at(const TableView& table, uint32_t r, size_t d) {
  const uint8_t* row = table.row(r);
  if (table.dtype == Dtype::i8) return static_cast<float>(static_cast<int8_t>(row[d]));
  if (table.dtype == Dtype::i4) {
    const uint8_t pair = row[d / kBlock * (kBlock / 2) + d % (kBlock / 2)];
    const int q = (d % kBlock < kBlock / 2 ? pair & 15 : pair >> 4) - 8;
    return float_from_f16(table.scales_of(r)[d / kBlock]) * static_cast<float>(q);
  }
  if (table.dtype == Dtype::f32) {
    float value;
    std::memcpy(&value, row + 4 * d, sizeof value);
    return value;
  }
  uint16_t half;
  std::memcpy(&half, row + 2 * d, sizeof half);
  return table.dtype == Dtype::f16 ? float_from_f16(half) : float_from_bits(uint32_t{half} << 16);
}

}  // namespace wembed
