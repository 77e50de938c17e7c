#include "kernels/bag.h"
#include "kernels/row_scalar.h"

namespace wembed {
namespace {

/// One number of a bag's result. @param out_so_far  read if bags.resume
float bag_column(const TableView& table, const Bags& bags, uint32_t bag, size_t d, float out_so_far) {
  float total = bags.resume ? out_so_far : 0;
  float group = 0;
  uint32_t count = 0;
  for (size_t j = bags.offsets[bag]; j < bags.offsets[bag + 1]; ++j) {
    if (bags.ids[j] == bags.padding_idx) continue;
    const uint32_t r = bags.row_of(bags.ids[j]);
    const float value = bags.weight_at(j) * table.row_scale(r) * value_at(table, r, d);
    ++count;
    if (bags.mode == BagMode::max) {
      if ((count == 1 && !bags.resume) || value > total || value != value) total = value;
    } else {
      group += value;
      if (count % kBagGroup == 0) {
        total += group;
        group = 0;
      }
    }
  }
  if (bags.mode == BagMode::max) return total;
  total += group;
  return bags.mode == BagMode::mean && count > 0 ? total / static_cast<float>(count) : total;
}

}  // namespace

void bag_scalar(const TableView& table, const Bags& bags, float* out) {
  for (uint32_t b = 0; b < bags.bags; ++b) {
    for (size_t d = 0; d < table.dim; ++d, ++out) *out = bag_column(table, bags, b, d, *out);
  }
}

}  // namespace wembed
