#include "kernels/row_simd128.h"

namespace wembed {

Pair_f32x4 load8_any(const TableView& table, uint32_t r, size_t d) {
  return with_row_type(table, r, [d](auto row) { return row.load8(d); });
}

float value_at_any(const TableView& table, uint32_t r, size_t d) { return value_at(table, r, d); }

}  // namespace wembed
