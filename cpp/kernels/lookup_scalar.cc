#include "kernels/lookup.h"
#include "kernels/row_scalar.h"

namespace wembed {

void lookup_scalar(const TableView& table, const uint32_t* ids, size_t n, float* out) {
  for (size_t i = 0; i < n; ++i) {
    const uint8_t* row = table.row(ids[i]);
    const float scale = table.row_scale(ids[i]);
    for (size_t d = 0; d < table.dim; ++d) {
      const float value = value_at(table.dtype, row, d);
      out[i * table.dim + d] = table.dtype == Dtype::i8 ? scale * value : value;
    }
  }
}

}  // namespace wembed
