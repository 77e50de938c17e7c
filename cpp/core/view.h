#pragma once
#include <cstddef>
#include <cstdint>

#include "core/dtype.h"

namespace wembed {

constexpr uint16_t kManySmall = 0xffff;

/// A read-only (rows, dim) matrix in memory that it does not own. Row r is `row_scale(r) * values(r, :)`; the scale is
/// 1 for all dtypes but i8.
struct TableView {
  Dtype dtype = Dtype::f32;
  uint32_t rows = 0;
  uint32_t dim = 0;
  const void* data = nullptr;         // (rows, dim) of dtype, row-major, each row_bytes(dtype, dim) long
  const float* row_scales = nullptr;  // (rows) f32, or null: then `scale` applies to every row
  float scale = 1.0f;
  const uint16_t* block_scales = nullptr;  // i4: (rows, blocks_per_row(dim)) f16
  // f16, for scores, or null: the columns of row r's small halves (kernels/small_halves.h) are
  // small_columns[small_starts[r]] up to those of row r + 1. A row with too many has the single entry kManySmall.
  const uint32_t* small_starts = nullptr;
  const uint16_t* small_columns = nullptr;

  const uint8_t* row(uint32_t r) const { return row(r, dtype); }
  /// The same where the dtype is known when this is compiled: loops over rows need not ask for it.
  const uint8_t* row(uint32_t r, Dtype known) const {
    return static_cast<const uint8_t*>(data) + r * row_bytes(known, dim);
  }
  const uint16_t* scales_of(uint32_t r) const { return block_scales + size_t{r} * blocks_per_row(dim); }
  float row_scale(uint32_t r) const { return row_scales ? row_scales[r] : scale; }
};

}  // namespace wembed
