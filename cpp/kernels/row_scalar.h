#pragma once
#include "core/view.h"

namespace wembed {

/// Value i of a stored row as f32, before its scale: the definition that every variant agrees with.
inline float value_at(Dtype dtype, const uint8_t* row, size_t i) {
  switch (dtype) {
    case Dtype::f32: {
      float value;
      std::memcpy(&value, row + 4 * i, sizeof value);
      return value;
    }
    case Dtype::f16: {
      uint16_t half;
      std::memcpy(&half, row + 2 * i, sizeof half);
      return float_from_f16(half);
    }
    case Dtype::i8:
      return static_cast<float>(static_cast<int8_t>(row[i]));
  }
  return 0;
}

}  // namespace wembed
