#pragma once
#include <cstddef>
#include <cstdint>

#include "core/dtype.h"

namespace wembed {

/// A read-only (rows, dim) matrix somewhere in memory; owns nothing. Row r stands for
/// `row_scale(r) * values(r, :)`, where the scale is 1 for float dtypes.
struct TableView {
  Dtype dtype = Dtype::f32;
  uint32_t rows = 0;
  uint32_t dim = 0;
  const void* data = nullptr;         // (rows, dim) of dtype, row-major, no padding
  const float* row_scales = nullptr;  // (rows) f32, or null: then `scale` holds for every row
  float scale = 1.0f;

  const uint8_t* row(uint32_t r) const {
    return static_cast<const uint8_t*>(data) + static_cast<size_t>(r) * dim * bytes_per_value(dtype);
  }
  float row_scale(uint32_t r) const { return row_scales ? row_scales[r] : scale; }
};

}  // namespace wembed
