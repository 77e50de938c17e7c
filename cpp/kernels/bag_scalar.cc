#include "kernels/bag_column.h"

namespace wembed {

void bag_scalar(const TableView& table, const Bags& bags, float* out) {
  for (uint32_t b = 0; b < bags.bags; ++b) {
    for (size_t d = 0; d < table.dim; ++d, ++out) *out = bag_column(table, bags, b, d, *out);
  }
}

}  // namespace wembed
