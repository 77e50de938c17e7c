#include <cfloat>
#include <cmath>
#include <cstring>

#include "kernels/bag.h"
#include "kernels/divide.h"
#include "kernels/row_simd128.h"

namespace wembed {
namespace {

/// Rows that are summed before their sum is added to the bag's, and their factors.
struct Group {
  uint32_t size = 0;
  uint32_t rows[kBagGroup];
  float weights[kBagGroup];
  bool tiny;  // a factor would lose bits if it were kLarge times smaller

  /// Takes the next ids that are not padding. @returns the index after the last
  size_t take(const TableView& table, const Bags& bags, size_t j, size_t end) {
    tiny = false;
    for (size = 0; j < end && size < kBagGroup; ++j) {
      if (bags.ids[j] == bags.padding_idx) continue;
      const uint32_t r = bags.row_of(bags.ids[j]);
      const float weight = bags.weight_at(j) * table.row_scale(r);
      tiny |= weight != 0 && std::fabs(weight) < FLT_MIN * kLarge;
      rows[size] = r;
      weights[size++] = weight;
    }
    return j;
  }
};

/// out[0 … 4 × kRegisters) += the group's sums of these columns, which stay in registers for all rows. `load(row,
/// values)` reads a row's values, `kTimes` times as large.
template <size_t kRegisters, class Load>
void add_strip(const Group& group, float* out, Load load, float times = 1) {
  v128_t sums[kRegisters];
#pragma clang loop unroll(full)
  for (v128_t& sum : sums) sum = wasm_f32x4_splat(0);
  for (uint32_t i = 0; i < group.size; ++i) {
    v128_t values[kRegisters];
    load(group.rows[i], values);
    const v128_t weight = wasm_f32x4_splat(group.weights[i] / times);
#pragma clang loop unroll(full)
    for (size_t k = 0; k < kRegisters; ++k) sums[k] = wasm_f32x4_add(sums[k], wasm_f32x4_mul(weight, values[k]));
  }
#pragma clang loop unroll(full)
  for (size_t k = 0; k < kRegisters; ++k) {
    wasm_v128_store(out + 4 * k, wasm_f32x4_add(wasm_v128_load(out + 4 * k), sums[k]));
  }
}

/// All strips of 32 columns, compiled once per dtype: eight sums, so that the additions of one row do not depend on
/// each other. Wider strips spill (x64 has sixteen vector registers), narrower strips reread the group more often.
template <class Row>
void add_strips(const TableView& table, const Group& group, float* out) {
  for (size_t d = 0; d + 32 <= table.dim; d += 32) {
    add_strip<8>(group, out + d, [&](uint32_t r, v128_t* values) { load32(Row(table, r), d, values); });
  }
}

/// The same products: a power of two moves from the value to the factor.
void add_large_strips(const TableView& table, const Group& group, float* out) {
  for (size_t d = 0; d + 32 <= table.dim; d += 32) {
    add_strip<8>(
        group, out + d, [&](uint32_t r, v128_t* values) { load32_large(Row_i8(table, r), d, values); }, kLarge);
  }
}

void add_group(const TableView& table, const Group& group, float* out) {
  if (table.dtype == Dtype::i8 && !group.tiny) {
    add_large_strips(table, group, out);
  } else {
    with_row_type(table, 0, [&](auto row) { add_strips<decltype(row)>(table, group, out); });
  }
  size_t d = table.dim / 32 * 32;
  for (; d + 8 <= table.dim; d += 8) {
    add_strip<2>(group, out + d, [&](uint32_t r, v128_t* values) {
      const Pair_f32x4 pair = load8_any(table, r, d);
      values[0] = pair.low;
      values[1] = pair.high;
    });
  }
  for (; d < table.dim; ++d) {
    float sum = 0;
    for (uint32_t i = 0; i < group.size; ++i) sum += group.weights[i] * value_at_any(table, group.rows[i], d);
    out[d] += sum;
  }
}

v128_t larger_or_nan(v128_t best, v128_t value) {
  const v128_t take = wasm_v128_or(wasm_f32x4_gt(value, best), wasm_f32x4_ne(value, value));
  return wasm_v128_bitselect(value, best, take);
}

/// @param first  the group's first row is the bag's first: there is no maximum to compare it with yet
void max_group(const TableView& table, const Group& group, bool first, float* out) {
  for (uint32_t i = 0; i < group.size; ++i, first = false) {
    const v128_t weight = wasm_f32x4_splat(group.weights[i]);
    size_t d = 0;
    for (; d + 8 <= table.dim; d += 8) {
      const Pair_f32x4 values = load8_any(table, group.rows[i], d);
      const v128_t low = wasm_f32x4_mul(weight, values.low), high = wasm_f32x4_mul(weight, values.high);
      wasm_v128_store(out + d, first ? low : larger_or_nan(wasm_v128_load(out + d), low));
      wasm_v128_store(out + d + 4, first ? high : larger_or_nan(wasm_v128_load(out + d + 4), high));
    }
    for (; d < table.dim; ++d) {
      const float value = group.weights[i] * value_at_any(table, group.rows[i], d);
      if (first || value > out[d] || value != value) out[d] = value;
    }
  }
}

}  // namespace

void bag_simd128(const TableView& table, const Bags& bags, float* out) {
  Group group;
  for (uint32_t b = 0; b < bags.bags; ++b, out += table.dim) {
    if (!bags.resume) std::memset(out, 0, table.dim * sizeof(float));
    uint32_t count = 0;
    for (size_t j = bags.offsets[b], end = bags.offsets[b + 1]; j < end;) {
      j = group.take(table, bags, j, end);
      if (bags.mode == BagMode::max) {
        max_group(table, group, count == 0 && !bags.resume, out);
      } else {
        add_group(table, group, out);
      }
      count += group.size;
    }
    if (bags.mode == BagMode::mean && count > 0) divide_simd128(out, table.dim, static_cast<float>(count));
  }
}

}  // namespace wembed
