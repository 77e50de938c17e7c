#include "kernels/bag.h"
#include "kernels/bag_column.h"
#include "kernels/row_simd128.h"

namespace wembed {
namespace {

// A strip of columns stays in registers while the bag's rows pass by: eight accumulators, so that the additions of one
// row do not wait for each other. Wider strips spill (x64 has sixteen vector registers), narrower ones reread offsets.
constexpr size_t kStrip = 32;

struct Accumulator {
  BagMode mode;

  v128_t add(v128_t sum, v128_t value, bool first) const {
    if (mode != BagMode::max) return wasm_f32x4_add(sum, value);
    if (first) return value;
    const v128_t take = wasm_v128_or(wasm_f32x4_gt(value, sum), wasm_f32x4_ne(value, value));
    return wasm_v128_bitselect(value, sum, take);
  }
  v128_t finish(v128_t sum, uint32_t count) const {
    return mode == BagMode::mean && count > 0 ? wasm_f32x4_div(sum, wasm_f32x4_splat(static_cast<float>(count))) : sum;
  }
};

/// Reduces kWidth columns, a multiple of 8, from column d on.
template <class Row, size_t kWidth>
void reduce_strip(const TableView& table, const Bags& bags, uint32_t bag, size_t d, float* out) {
  const Accumulator accumulator{bags.mode};
  v128_t sums[kWidth / 4];
  for (v128_t& sum : sums) sum = wasm_f32x4_splat(0);
  uint32_t count = 0;
  for (size_t j = bags.offsets[bag]; j < bags.offsets[bag + 1]; ++j) {
    if (bags.ids[j] == bags.padding_idx) continue;
    const uint32_t r = bags.row_of(bags.ids[j]);
    const v128_t weight = wasm_f32x4_splat(bags.weight_at(j) * table.row_scale(r));
    const uint8_t* at = table.row(r) + d * bytes_per_value(Row::kDtype);
    for (size_t k = 0; k < kWidth / 8; ++k) {
      const Pair_f32x4 values = Row::load8(at + 8 * k * bytes_per_value(Row::kDtype));
      sums[2 * k] = accumulator.add(sums[2 * k], wasm_f32x4_mul(weight, values.low), count == 0);
      sums[2 * k + 1] = accumulator.add(sums[2 * k + 1], wasm_f32x4_mul(weight, values.high), count == 0);
    }
    ++count;
  }
  for (size_t k = 0; k < kWidth / 4; ++k) wasm_v128_store(out + d + 4 * k, accumulator.finish(sums[k], count));
}

}  // namespace

void bag_simd128(const TableView& table, const Bags& bags, float* out) {
  with_row_type(table.dtype, [&](auto row_type) {
    using Row = decltype(row_type);
    for (uint32_t b = 0; b < bags.bags; ++b, out += table.dim) {
      size_t d = 0;
      for (; d + kStrip <= table.dim; d += kStrip) reduce_strip<Row, kStrip>(table, bags, b, d, out);
      for (; d + 8 <= table.dim; d += 8) reduce_strip<Row, 8>(table, bags, b, d, out);
      for (; d < table.dim; ++d) out[d] = bag_column(table, bags, b, d);
    }
  });
}

}  // namespace wembed
