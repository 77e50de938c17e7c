#include "kernels/lookup.h"
#include "kernels/row_scalar.h"

namespace wembed {

void lookup_scalar(const TableView& table, const uint32_t* ids, size_t n, float* out) {
  for (size_t i = 0; i < n; ++i) {
    for (size_t d = 0; d < table.dim; ++d) {
      const float value = value_at(table, ids[i], d);
      *out++ = table.row_scale(ids[i]) * value;  // a scale of 1 changes no float
    }
  }
}

}  // namespace wembed
