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

/// Calls `use(row, weight, count)` for each row of a bag that counts, and answers how many there were.
template <class Use>
uint32_t for_each_row(const TableView& table, const Bags& bags, uint32_t bag, Use use) {
  uint32_t count = 0;
  for (size_t j = bags.offsets[bag]; j < bags.offsets[bag + 1]; ++j) {
    if (bags.ids[j] == bags.padding_idx) continue;
    const uint32_t r = bags.row_of(bags.ids[j]);
    use(r, wasm_f32x4_splat(bags.weight_at(j) * table.row_scale(r)), ++count);
  }
  return count;
}

/// Sums or averages 4 × kRegisters columns. `load(row, values)` fetches them.
template <size_t kRegisters, class Load>
void add_strip(const TableView& table, const Bags& bags, uint32_t bag, float* out, Load load) {
  v128_t totals[kRegisters], sums[kRegisters];
  for (size_t k = 0; k < kRegisters; ++k) {
    totals[k] = bags.resume ? wasm_v128_load(out + 4 * k) : wasm_f32x4_splat(0);
    sums[k] = wasm_f32x4_splat(0);
  }
  const auto finish_group = [&] {
    for (size_t k = 0; k < kRegisters; ++k) {
      totals[k] = wasm_f32x4_add(totals[k], sums[k]);
      sums[k] = wasm_f32x4_splat(0);
    }
  };
  const uint32_t count = for_each_row(table, bags, bag, [&](uint32_t r, v128_t weight, uint32_t row_number) {
    v128_t values[kRegisters];
    load(r, values);
    for (size_t k = 0; k < kRegisters; ++k) sums[k] = wasm_f32x4_add(sums[k], wasm_f32x4_mul(weight, values[k]));
    if (row_number % kBagGroup == 0) finish_group();
  });
  finish_group();
  const v128_t divisor = wasm_f32x4_splat(bags.mode == BagMode::mean && count > 0 ? static_cast<float>(count) : 1);
  for (size_t k = 0; k < kRegisters; ++k) wasm_v128_store(out + 4 * k, wasm_f32x4_div(totals[k], divisor));
}

/// The largest value of each of eight columns from column d on.
void max_strip(const TableView& table, const Bags& bags, uint32_t bag, size_t d, float* out) {
  Pair_f32x4 best = {wasm_f32x4_splat(0), wasm_f32x4_splat(0)};
  if (bags.resume) best = {wasm_v128_load(out), wasm_v128_load(out + 4)};
  for_each_row(table, bags, bag, [&](uint32_t r, v128_t weight, uint32_t row_number) {
    const Pair_f32x4 values = load8_any(table, r, d);
    const v128_t low = wasm_f32x4_mul(weight, values.low), high = wasm_f32x4_mul(weight, values.high);
    const bool first = row_number == 1 && !bags.resume;
    best = first ? Pair_f32x4{low, high} : Pair_f32x4{larger_or_nan(best.low, low), larger_or_nan(best.high, high)};
  });
  wasm_v128_store(out, best.low);
  wasm_v128_store(out + 4, best.high);
}

/// All full strips of a bag, compiled once a dtype; answers the column after them.
template <class Row>
size_t add_strips(const TableView& table, const Bags& bags, uint32_t bag, float* out) {
  size_t d = 0;
  for (; d + kStrip <= table.dim; d += kStrip) {
    add_strip<kStrip / 4>(table, bags, bag, out + d,
                          [&](uint32_t r, v128_t* values) { load32(Row(table, r), d, values); });
  }
  return d;
}

}  // namespace

void bag_simd128(const TableView& table, const Bags& bags, float* out) {
  for (uint32_t b = 0; b < bags.bags; ++b, out += table.dim) {
    size_t d = 0;
    if (bags.mode == BagMode::max) {
      for (; d + 8 <= table.dim; d += 8) max_strip(table, bags, b, d, out + d);
    } else {
      d = with_row_type(table, 0, [&](auto row) { return add_strips<decltype(row)>(table, bags, b, out); });
    }
    for (; d + 8 <= table.dim; d += 8) {
      add_strip<2>(table, bags, b, out + d, [&](uint32_t r, v128_t* values) {
        const Pair_f32x4 pair = load8_any(table, r, d);
        values[0] = pair.low;
        values[1] = pair.high;
      });
    }
    for (; d < table.dim; ++d) out[d] = bag_column(table, bags, b, d, out[d]);
  }
}

}  // namespace wembed
