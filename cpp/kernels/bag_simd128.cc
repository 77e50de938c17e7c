#include "kernels/bag.h"
#include "kernels/bag_column.h"
#include "kernels/row_simd128.h"

namespace wembed {
namespace {

// A strip of columns stays in registers while the bag's rows pass by: eight accumulators, so that the additions of one
// row do not wait for each other. Wider strips spill (x64 has sixteen vector registers), narrower ones reread the ids.
constexpr size_t kStrip = 32;

v128_t larger_or_nan(v128_t best, v128_t value) {
  const v128_t take = wasm_v128_or(wasm_f32x4_gt(value, best), wasm_f32x4_ne(value, value));
  return wasm_v128_bitselect(value, best, take);
}

/// Calls `use(at, weight)` for each row of a bag that counts, and answers how many there were.
template <class Row, class Use>
uint32_t for_each_row(const TableView& table, const Bags& bags, uint32_t bag, size_t d, Use use) {
  uint32_t count = 0;
  for (size_t j = bags.offsets[bag]; j < bags.offsets[bag + 1]; ++j) {
    if (bags.ids[j] == bags.padding_idx) continue;
    const uint32_t r = bags.row_of(bags.ids[j]);
    use(table.row(r) + d * bytes_per_value(Row::kDtype), wasm_f32x4_splat(bags.weight_at(j) * table.row_scale(r)),
        ++count);
  }
  return count;
}

/// Sums or averages kWidth columns, a multiple of 8, from column d on.
template <class Row, size_t kWidth>
void add_strip(const TableView& table, const Bags& bags, uint32_t bag, size_t d, float* out) {
  v128_t totals[kWidth / 4], sums[kWidth / 4];
  for (size_t k = 0; k < kWidth / 4; ++k) totals[k] = sums[k] = wasm_f32x4_splat(0);
  const auto finish_group = [&] {
    for (size_t k = 0; k < kWidth / 4; ++k) {
      totals[k] = wasm_f32x4_add(totals[k], sums[k]);
      sums[k] = wasm_f32x4_splat(0);
    }
  };
  const uint32_t count =
      for_each_row<Row>(table, bags, bag, d, [&](const uint8_t* at, v128_t weight, uint32_t row_number) {
        for (size_t k = 0; k < kWidth / 4; k += 2) {
          const Pair_f32x4 values = Row::load8(at + 4 * k * bytes_per_value(Row::kDtype));
          sums[k] = wasm_f32x4_add(sums[k], wasm_f32x4_mul(weight, values.low));
          sums[k + 1] = wasm_f32x4_add(sums[k + 1], wasm_f32x4_mul(weight, values.high));
        }
        if (row_number % kBagGroup == 0) finish_group();
      });
  finish_group();
  const v128_t divisor = wasm_f32x4_splat(bags.mode == BagMode::mean && count > 0 ? static_cast<float>(count) : 1);
  for (size_t k = 0; k < kWidth / 4; ++k) wasm_v128_store(out + d + 4 * k, wasm_f32x4_div(totals[k], divisor));
}

/// The largest value of each of eight columns from column d on.
template <class Row>
void max_strip(const TableView& table, const Bags& bags, uint32_t bag, size_t d, float* out) {
  Pair_f32x4 best = {wasm_f32x4_splat(0), wasm_f32x4_splat(0)};
  for_each_row<Row>(table, bags, bag, d, [&](const uint8_t* at, v128_t weight, uint32_t row_number) {
    const Pair_f32x4 values = Row::load8(at);
    const v128_t low = wasm_f32x4_mul(weight, values.low), high = wasm_f32x4_mul(weight, values.high);
    best = row_number == 1 ? Pair_f32x4{low, high}
                           : Pair_f32x4{larger_or_nan(best.low, low), larger_or_nan(best.high, high)};
  });
  wasm_v128_store(out + d, best.low);
  wasm_v128_store(out + d + 4, best.high);
}

}  // namespace

void bag_simd128(const TableView& table, const Bags& bags, float* out) {
  with_row_type(table.dtype, [&](auto row_type) {
    using Row = decltype(row_type);
    for (uint32_t b = 0; b < bags.bags; ++b, out += table.dim) {
      size_t d = 0;
      if (bags.mode == BagMode::max) {
        for (; d + 8 <= table.dim; d += 8) max_strip<Row>(table, bags, b, d, out);
      }
      for (; d + kStrip <= table.dim; d += kStrip) add_strip<Row, kStrip>(table, bags, b, d, out);
      for (; d + 8 <= table.dim; d += 8) add_strip<Row, 8>(table, bags, b, d, out);
      for (; d < table.dim; ++d) out[d] = bag_column(table, bags, b, d);
    }
  });
}

}  // namespace wembed
