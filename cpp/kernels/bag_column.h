#pragma once
#include "kernels/bag.h"
#include "kernels/row_scalar.h"

namespace wembed {

/// One number of a bag's result: the definition of `bag`, and what the SIMD variant does with columns past the last
/// multiple of eight.
inline float bag_column(const TableView& table, const Bags& bags, uint32_t bag, size_t d) {
  float result = 0;
  uint32_t count = 0;
  for (size_t j = bags.offsets[bag]; j < bags.offsets[bag + 1]; ++j) {
    if (bags.ids[j] == bags.padding_idx) continue;
    const uint32_t r = bags.row_of(bags.ids[j]);
    const float weight = bags.weight_at(j) * table.row_scale(r);
    const float value = weight * value_at(table.dtype, table.row(r), d);
    if (bags.mode != BagMode::max) {
      result += value;
    } else if (count == 0 || value > result || value != value) {
      result = value;
    }
    ++count;
  }
  return bags.mode == BagMode::mean && count > 0 ? result / static_cast<float>(count) : result;
}

}  // namespace wembed
