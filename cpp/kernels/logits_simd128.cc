#include "kernels/logits.h"
#include "kernels/lookup.h"
#include "kernels/row_simd128.h"

namespace wembed {
namespace {

float sum_of(v128_t x) {
  return (wasm_f32x4_extract_lane(x, 0) + wasm_f32x4_extract_lane(x, 1)) +
         (wasm_f32x4_extract_lane(x, 2) + wasm_f32x4_extract_lane(x, 3));
}

v128_t multiply_add(v128_t sum, v128_t a, v128_t b) { return wasm_f32x4_add(sum, wasm_f32x4_mul(a, b)); }

/// Columns [begin, dim), at most 31.
float rest_of(const TableView& table, const float* hidden, uint32_t r, size_t begin) {
  float sum = 0;
  for (size_t d = begin; d < table.dim; ++d) sum += value_at(table, r, d) * hidden[d];
  return sum;
}

// One row at a time with four independent sums streams at the speed of memory; four rows at a time are slower by far,
// since each is a stream of its own to the processor.
template <class Row>
float dot_of(const Row& row, const Hidden& hidden, size_t dim) {
  v128_t sums[4];
  for (v128_t& sum : sums) sum = wasm_f32x4_splat(0);
  for (size_t d = 0; d + 32 <= dim; d += 32) {
    for (size_t k = 0; k < 4; ++k) {
      const Pair_f32x4 values = row.load8(d + 8 * k);
      sums[k] = multiply_add(sums[k], values.low, wasm_v128_load(hidden.x + d + 8 * k));
      sums[k] = multiply_add(sums[k], values.high, wasm_v128_load(hidden.x + d + 8 * k + 4));
    }
  }
  return sum_of(wasm_f32x4_add(wasm_f32x4_add(sums[0], sums[1]), wasm_f32x4_add(sums[2], sums[3])));
}

/// Shifted into place, a normal f16 is an f32 2^112 too small, which the hidden state makes good: no number on the way
/// is subnormal, which would cost a hundred times as much. Blocks that hold a subnormal, infinite or NaN half go the
/// long way.
template <>
float dot_of(const Row_f16& row, const Hidden& hidden, size_t dim) {
  v128_t sums[4];
  for (v128_t& sum : sums) sum = wasm_f32x4_splat(0);
  const v128_t zero = wasm_i32x4_splat(0), mask = wasm_i32x4_splat(static_cast<int32_t>(0x8fffe000));
  const v128_t one = wasm_i16x8_splat(1), magnitude = wasm_i16x8_splat(0x7fff);
  const v128_t back = wasm_i32x4_splat(0x07800000);  // 2^-112
  for (size_t d = 0; d + 32 <= dim; d += 32) {
    const float* h = hidden.large + d;
    v128_t halves[4];
    v128_t least = wasm_i16x8_splat(-1), most = zero;
    for (size_t k = 0; k < 4; ++k) {
      halves[k] = wasm_v128_load(row.at + 2 * (d + 8 * k));
      const v128_t of_any_sign = wasm_v128_and(halves[k], magnitude);
      least = wasm_u16x8_min(least, wasm_i16x8_sub(of_any_sign, one));  // zeros become the largest of all
      most = wasm_i16x8_max(most, of_any_sign);
    }
    const v128_t odd =
        wasm_v128_or(wasm_u16x8_lt(least, wasm_i16x8_splat(0x3ff)), wasm_i16x8_gt(most, wasm_i16x8_splat(0x7bff)));
    if (__builtin_expect(wasm_v128_any_true(odd), 0)) {
      for (size_t k = 0; k < 4; ++k) {
        const Pair_f32x4 values = row.load8(d + 8 * k);
        sums[k] = multiply_add(sums[k], values.low, wasm_f32x4_mul(wasm_v128_load(h + 8 * k), back));
        sums[k] = multiply_add(sums[k], values.high, wasm_f32x4_mul(wasm_v128_load(h + 8 * k + 4), back));
      }
      continue;
    }
    for (size_t k = 0; k < 4; ++k) {
      const v128_t low = wasm_i16x8_shuffle(zero, halves[k], 0, 8, 1, 9, 2, 10, 3, 11);
      const v128_t high = wasm_i16x8_shuffle(zero, halves[k], 4, 12, 5, 13, 6, 14, 7, 15);
      sums[k] = multiply_add(sums[k], wasm_v128_and(wasm_i32x4_shr(low, 3), mask), wasm_v128_load(h + 8 * k));
      sums[k] = multiply_add(sums[k], wasm_v128_and(wasm_i32x4_shr(high, 3), mask), wasm_v128_load(h + 8 * k + 4));
    }
  }
  return sum_of(wasm_f32x4_add(wasm_f32x4_add(sums[0], sums[1]), wasm_f32x4_add(sums[2], sums[3]))) *
         hidden.large_factor;
}

double sum_of_i32x4(v128_t x) {
  return (double{1} * wasm_i32x4_extract_lane(x, 0) + wasm_i32x4_extract_lane(x, 1)) +
         (double{1} * wasm_i32x4_extract_lane(x, 2) + wasm_i32x4_extract_lane(x, 3));
}

v128_t dot_i16(v128_t quanta_i16x8, const int16_t* q) { return wasm_i32x4_dot_i16x8(quanta_i16x8, wasm_v128_load(q)); }

float dot_of_i8(const int8_t* row, const Hidden& hidden, size_t dim) {
  v128_t sums[4];
  for (v128_t& sum : sums) sum = wasm_i32x4_splat(0);
  size_t d = 0;
  for (; d + 32 <= dim; d += 32) {
    for (size_t k = 0; k < 4; ++k) {
      sums[k] = wasm_i32x4_add(sums[k], dot_i16(wasm_i16x8_load8x8(row + d + 8 * k), hidden.q + d + 8 * k));
    }
  }
  // A lane holds less than 2^31, their sum may not.
  double total = 0;
  for (const v128_t sum : sums) total += sum_of_i32x4(sum);
  for (; d < dim; ++d) total += row[d] * hidden.q[d];
  return static_cast<float>(total);
}

float dot_of_i4(const Row_i4& row, const Hidden& hidden, size_t dim) {
  v128_t total = wasm_f32x4_splat(0);
  const v128_t eight = wasm_i8x16_splat(8), low_bits = wasm_i8x16_splat(15);
  for (size_t d = 0, block = 0; d < dim; d += kBlock, ++block) {
    const v128_t pairs = wasm_v128_load(row.at + block * (kBlock / 2));
    const v128_t low = wasm_i8x16_sub(wasm_v128_and(pairs, low_bits), eight);
    const v128_t high = wasm_i8x16_sub(wasm_u8x16_shr(pairs, 4), eight);
    const int16_t* q = hidden.q + d;
    const v128_t a =
        wasm_i32x4_add(dot_i16(wasm_i16x8_extend_low_i8x16(low), q), dot_i16(wasm_i16x8_extend_high_i8x16(low), q + 8));
    const v128_t b = wasm_i32x4_add(dot_i16(wasm_i16x8_extend_low_i8x16(high), q + 16),
                                    dot_i16(wasm_i16x8_extend_high_i8x16(high), q + 24));
    const v128_t scale = wasm_f32x4_splat(float_from_f16(row.scales[block]));
    total = multiply_add(total, wasm_f32x4_convert_i32x4(wasm_i32x4_add(a, b)), scale);
  }
  return sum_of(total);
}

/// Two hidden states against four rows: eight sums, and six loads for eight products.
void tile_4x2(const float* rows, const float* a, const float* b, size_t dim, float out[2][4]) {
  v128_t sums[2][4];
  for (auto& of_state : sums)
    for (v128_t& sum : of_state) sum = wasm_f32x4_splat(0);
  size_t d = 0;
  for (; d + 4 <= dim; d += 4) {
    const v128_t x = wasm_v128_load(a + d), y = wasm_v128_load(b + d);
    for (size_t k = 0; k < 4; ++k) {
      const v128_t row = wasm_v128_load(rows + k * dim + d);
      sums[0][k] = multiply_add(sums[0][k], row, x);
      sums[1][k] = multiply_add(sums[1][k], row, y);
    }
  }
  for (size_t k = 0; k < 4; ++k) {
    out[0][k] = sum_of(sums[0][k]);
    out[1][k] = sum_of(sums[1][k]);
    for (size_t e = d; e < dim; ++e) {
      out[0][k] += rows[k * dim + e] * a[e];
      out[1][k] += rows[k * dim + e] * b[e];
    }
  }
}

}  // namespace

void logits_simd128(const TableView& table, const Hidden& hidden, uint32_t first, size_t n, float* out) {
  const size_t dim = table.dim, blocks = dim / 32 * 32;
  if (n == 0) return;
  with_row_type(table, first, [&](auto type) {
    using Row = decltype(type);
    for (size_t i = 0; i < n; ++i) {
      const uint32_t r = first + static_cast<uint32_t>(i);
      if constexpr (Row::kDtype == Dtype::i8) {
        const int8_t* row = reinterpret_cast<const int8_t*>(table.row(r));
        out[i] = dot_of_i8(row, hidden, dim) * table.row_scale(r) * hidden.scale;
      } else if constexpr (Row::kDtype == Dtype::i4) {
        out[i] = dot_of_i4(Row(table, r), hidden, dim) * hidden.scale;
      } else {
        out[i] = dot_of(Row(table, r), hidden, dim);
      }
    }
  });
  const bool quantized = table.dtype == Dtype::i8 || table.dtype == Dtype::i4;
  if (quantized || blocks == dim) return;
  for (size_t i = 0; i < n; ++i) out[i] += rest_of(table, hidden.x, first + static_cast<uint32_t>(i), blocks);
}

void logits_many_simd128(const TableView& table, const float* hidden, size_t states, uint32_t first, size_t n,
                         float* rows, float* out, size_t stride) {
  for (size_t i = 0; i < n; i += 4) {
    const size_t count = n - i < 4 ? n - i : 4;
    for (size_t k = 0; k < 4; ++k) {
      const uint32_t r = first + static_cast<uint32_t>(i + (k < count ? k : 0));  // a row too few: the first again
      lookup_simd128(table, &r, 1, rows + k * table.dim);
    }
    for (size_t j = 0; j < states; j += 2) {
      const float* a = hidden + j * table.dim;
      float sums[2][4];
      tile_4x2(rows, a, j + 1 < states ? a + table.dim : a, table.dim, sums);
      for (size_t s = 0; s < 2 && j + s < states; ++s)
        for (size_t k = 0; k < count; ++k) out[(j + s) * stride + i + k] = sums[s][k];
    }
  }
}

}  // namespace wembed
