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

/// Columns [begin, dim), at most 7.
float rest_of(const TableView& table, const float* hidden, uint32_t r, size_t begin) {
  float sum = 0;
  for (size_t d = begin; d < table.dim; ++d) sum += value_at_any(table, r, d) * hidden[d];
  return sum;
}

// How eight numbers of a row are read, in the order of the hidden state's form.

Pair_f32x4 read_f32(const uint8_t* at) { return {wasm_v128_load(at), wasm_v128_load(at + 16)}; }

Pair_f32x4 read_bf16(const uint8_t* at) {
  const v128_t words = wasm_v128_load(at);
  return {wasm_i32x4_shl(words, 16), wasm_v128_and(words, wasm_i32x4_splat(static_cast<int32_t>(0xffff0000)))};
}

/// Multiplying by 2^13 widens a half to 32 bits and puts its bits in place. Small halves (small_halves.h) come out
/// wrong.
Pair_f32x4 read_f16(const uint8_t* at) {
  const v128_t words = wasm_v128_load(at);
  return {large_f32x4_from_f16(wasm_i32x4_dot_i16x8(words, wasm_i32x4_splat(0x2000))),
          large_f32x4_from_f16(wasm_i32x4_dot_i16x8(words, wasm_i32x4_splat(0x20000000)))};
}

Pair_f32x4 read_any_f16(const uint8_t* at) {
  const Pair_f32x4 values = read_f16(at);
  return {with_small_halves(values.low), with_small_halves(values.high)};
}

/// Scores two distant rows at a time, alternately: memory delivers two long streams faster than one, and short streams
/// of neighbouring rows much slower. Uses no more values than sixteen registers hold: the engine moves all loads of a
/// loop's body to its front and would have no room for the sums.
template <Pair_f32x4 (*read)(const uint8_t*), size_t kBytes>
void dot_two(const uint8_t* a, const uint8_t* b, const float* hidden, size_t dim, float sums[2]) {
  v128_t a_low = wasm_f32x4_splat(0), a_high = a_low, b_low = a_low, b_high = a_low;
  for (size_t d = 0; d + 8 <= dim; d += 8) {
    const v128_t low = wasm_v128_load(hidden + d), high = wasm_v128_load(hidden + d + 4);
    const Pair_f32x4 of_a = read(a + kBytes * d), of_b = read(b + kBytes * d);
    a_low = multiply_add(a_low, of_a.low, low);
    a_high = multiply_add(a_high, of_a.high, high);
    b_low = multiply_add(b_low, of_b.low, low);
    b_high = multiply_add(b_high, of_b.high, high);
  }
  sums[0] = sum_of(wasm_f32x4_add(a_low, a_high));
  sums[1] = sum_of(wasm_f32x4_add(b_low, b_high));
}

bool has_many_small(const TableView& table, uint32_t r) {
  const uint32_t begin = table.small_starts[r];
  return begin < table.small_starts[r + 1] && table.small_columns[begin] == kManySmall;
}

/// Corrects a sum in which small halves were read by the rule of the others. False if they are too large a part of the
/// sum, so that it would lose digits: then the row has to be read again.
bool subtract_small(const TableView& table, const float* split, uint32_t r, float* sum) {
  float wrong = 0, size = 0;
  for (uint32_t i = table.small_starts[r]; i < table.small_starts[r + 1]; ++i) {
    const size_t d = table.small_columns[i];
    uint16_t half;
    std::memcpy(&half, table.row(r) + 2 * d, sizeof half);
    const float excess = static_cast<float>(1024 - (half & 0x3ff)) * 0x1p87f;
    const float product = excess * split[(d & ~size_t{7}) + (d & 1) * 4 + (d & 7) / 2];
    wrong += float_from_bits(bits_from_float(product) ^ (half & 0x8000u) << 16);
    size += __builtin_fabsf(product);
  }
  *sum -= wrong;
  return __builtin_fabsf(*sum) >= 32 * size;  // false for a NaN
}

void score_two_f16(const TableView& table, const Hidden& hidden, uint32_t a, uint32_t b, float sums[2]) {
  bool again[2] = {true, true};
  if (table.small_starts && !(has_many_small(table, a) && has_many_small(table, b))) {
    dot_two<read_f16, 2>(table.row(a), table.row(b), hidden.split, table.dim, sums);
    again[0] = has_many_small(table, a) || !subtract_small(table, hidden.split, a, &sums[0]);
    again[1] = has_many_small(table, b) || !subtract_small(table, hidden.split, b, &sums[1]);
  }
  if (again[0] || again[1]) {
    float exact[2];
    dot_two<read_any_f16, 2>(table.row(a), table.row(b), hidden.split, table.dim, exact);
    for (size_t i = 0; i < 2; ++i) sums[i] = again[i] ? exact[i] : sums[i];
  }
  sums[0] *= hidden.split_scale;
  sums[1] *= hidden.split_scale;
}

v128_t f64x2_sum_of_i32x4(v128_t x) {
  return wasm_f64x2_add(wasm_f64x2_convert_low_i32x4(x), wasm_f64x2_convert_low_i32x4(wasm_i64x2_shuffle(x, x, 1, 0)));
}

double sum_of_f64x2(v128_t x) { return wasm_f64x2_extract_lane(x, 0) + wasm_f64x2_extract_lane(x, 1); }

v128_t dot_i16(v128_t quanta_i16x8, v128_t q) { return wasm_i32x4_dot_i16x8(quanta_i16x8, q); }

/// Columns whose products with the largest quanta do not overflow an i32: a lane adds a quarter of them, or all.
constexpr size_t kColumnsOfOneSum = 2048, kColumnsOfOneLane = 512;

/// In each lane the sum of one row's four.
v128_t sums_by_row(const v128_t sums[4]) {
  const auto add_halves = [](v128_t a, v128_t b) {
    return wasm_i32x4_add(wasm_i32x4_shuffle(a, b, 0, 1, 4, 5), wasm_i32x4_shuffle(a, b, 2, 3, 6, 7));
  };
  const v128_t low = add_halves(sums[0], sums[1]), high = add_halves(sums[2], sums[3]);
  return wasm_i32x4_add(wasm_i32x4_shuffle(low, high, 0, 2, 4, 6), wasm_i32x4_shuffle(low, high, 1, 3, 5, 7));
}

/// Four rows times the hidden state: a row of bytes is so short a stream that four of them pay, and eight numbers of
/// the state that are at hand serve all.
void dot_four_i8(const int8_t* const rows[4], const int16_t* q, size_t dim, float out[4]) {
  const int8_t *const a = rows[0], *const b = rows[1], *const c = rows[2], *const e = rows[3];
  double wide[4] = {0, 0, 0, 0};
  size_t d = 0;
  do {
    const size_t end = d + kColumnsOfOneSum < dim ? d + kColumnsOfOneSum : dim;
    v128_t sum_a = wasm_i32x4_splat(0), sum_b = sum_a, sum_c = sum_a, sum_e = sum_a;
    for (; d + 8 <= end; d += 8) {
      const v128_t x = wasm_v128_load(q + d);
      sum_a = wasm_i32x4_add(sum_a, dot_i16(wasm_i16x8_load8x8(a + d), x));
      sum_b = wasm_i32x4_add(sum_b, dot_i16(wasm_i16x8_load8x8(b + d), x));
      sum_c = wasm_i32x4_add(sum_c, dot_i16(wasm_i16x8_load8x8(c + d), x));
      sum_e = wasm_i32x4_add(sum_e, dot_i16(wasm_i16x8_load8x8(e + d), x));
    }
    const v128_t sums[4] = {sum_a, sum_b, sum_c, sum_e};
    if (d == dim && dim <= kColumnsOfOneLane) {
      wasm_v128_store(out, wasm_f32x4_convert_i32x4(sums_by_row(sums)));
      return;
    }
#pragma clang loop unroll(full)
    for (size_t k = 0; k < 4; ++k) wide[k] += sum_of_f64x2(f64x2_sum_of_i32x4(sums[k]));
  } while (d + 8 <= dim);
  for (size_t k = 0; k < 4; ++k) {
    for (size_t i = d; i < dim; ++i) wide[k] += rows[k][i] * q[i];
    out[k] = static_cast<float>(wide[k]);
  }
}

/// A block's 32 quanta plus eight, in the order of `place_in_block`.
struct Block_i4 {
  explicit Block_i4(const uint8_t* at) : pairs(wasm_v128_load(at)) {}
  template <int k>
  v128_t eight() const {
    const v128_t moved = wasm_u16x8_shr(pairs, 4 * k);
    return k == 3 ? moved : wasm_v128_and(moved, wasm_i16x8_splat(15));
  }
  v128_t pairs;
};

/// The scales of n blocks, at most eight. @param out  (8)
void widen_scales(const uint16_t* scales, size_t n, float* out) {
  uint16_t few[8] = {};
  if (n < 8) scales = static_cast<const uint16_t*>(std::memcpy(few, scales, n * sizeof *scales));
  const v128_t halves = wasm_v128_load(scales), zero = wasm_i32x4_splat(0);
  wasm_v128_store(out, f32x4_from_f16(wasm_i16x8_shuffle(zero, halves, 0, 8, 1, 9, 2, 10, 3, 11)));
  wasm_v128_store(out + 4, f32x4_from_f16(wasm_i16x8_shuffle(zero, halves, 4, 12, 5, 13, 6, 14, 7, 15)));
}

/// Two rows times the hidden state.
void dot_two_i4(const Row_i4& a, const Row_i4& b, const Hidden& hidden, size_t blocks, float out[2]) {
  v128_t total_a = wasm_f32x4_splat(0), total_b = total_a;
  for (size_t first = 0; first < blocks; first += 8) {
    const size_t n = blocks - first < 8 ? blocks - first : 8;
    float scales_a[8], scales_b[8];
    widen_scales(a.scales + first, n, scales_a);
    widen_scales(b.scales + first, n, scales_b);
    for (size_t i = 0; i < n; ++i) {
      const size_t block = first + i;
      const int16_t* const q = hidden.q + block * kBlock;
      const Block_i4 of_a(a.at + block * (kBlock / 2)), of_b(b.at + block * (kBlock / 2));
      const v128_t q0 = wasm_v128_load(q), q1 = wasm_v128_load(q + 8);
      v128_t sum_a = wasm_i32x4_add(dot_i16(of_a.eight<0>(), q0), dot_i16(of_a.eight<1>(), q1));
      v128_t sum_b = wasm_i32x4_add(dot_i16(of_b.eight<0>(), q0), dot_i16(of_b.eight<1>(), q1));
      const v128_t q2 = wasm_v128_load(q + 16), q3 = wasm_v128_load(q + 24);
      sum_a = wasm_i32x4_add(sum_a, wasm_i32x4_add(dot_i16(of_a.eight<2>(), q2), dot_i16(of_a.eight<3>(), q3)));
      sum_b = wasm_i32x4_add(sum_b, wasm_i32x4_add(dot_i16(of_b.eight<2>(), q2), dot_i16(of_b.eight<3>(), q3)));
      const v128_t eights = wasm_v128_load(hidden.eights + 4 * block);
      total_a = multiply_add(total_a, wasm_f32x4_convert_i32x4(wasm_i32x4_sub(sum_a, eights)),
                             wasm_v128_load32_splat(scales_a + i));
      total_b = multiply_add(total_b, wasm_f32x4_convert_i32x4(wasm_i32x4_sub(sum_b, eights)),
                             wasm_v128_load32_splat(scales_b + i));
    }
  }
  out[0] = sum_of(total_a) * hidden.scale;
  out[1] = sum_of(total_b) * hidden.scale;
}

void score_two(const TableView& table, const Hidden& hidden, uint32_t a, uint32_t b, float out[2]) {
  const uint8_t *at_a = table.row(a), *at_b = table.row(b);
  if (table.dtype == Dtype::i4)
    return dot_two_i4(Row_i4(table, a), Row_i4(table, b), hidden, blocks_per_row(table.dim), out);
  if (table.dtype == Dtype::f32) {
    dot_two<read_f32, 4>(at_a, at_b, hidden.x, table.dim, out);
  } else if (table.dtype == Dtype::bf16) {
    dot_two<read_bf16, 2>(at_a, at_b, hidden.split, table.dim, out);
  } else {
    score_two_f16(table, hidden, a, b, out);
  }
  const size_t eights = table.dim / 8 * 8;
  if (eights == table.dim) return;
  for (size_t i = 0; i < 2; ++i) out[i] += rest_of(table, hidden.x, i ? b : a, eights);
}

// Several states: four rows at a time are converted to a form that all states multiply. It interleaves the rows, one
// register of each after the other, so that one address serves all four.

/// Two hidden states against four rows: eight sums, and six loads for eight products.
/// @param rows  (dim / 4 rounded up, 4, 4) f32
void tile_4x2(const float* rows, const float* a, const float* b, size_t dim, float out[2][4]) {
  v128_t sums[2][4];
  for (auto& of_state : sums)
    for (v128_t& sum : of_state) sum = wasm_f32x4_splat(0);
  size_t d = 0;
  for (; d + 4 <= dim; d += 4) {
    const v128_t x = wasm_v128_load(a + d), y = wasm_v128_load(b + d);
#pragma clang loop unroll(full)
    for (size_t k = 0; k < 4; ++k) {
      const v128_t row = wasm_v128_load(rows + 4 * d + 4 * k);
      sums[0][k] = multiply_add(sums[0][k], row, x);
      sums[1][k] = multiply_add(sums[1][k], row, y);
    }
  }
  for (size_t k = 0; k < 4; ++k) {
    out[0][k] = sum_of(sums[0][k]);
    out[1][k] = sum_of(sums[1][k]);
    for (size_t e = d; e < dim; ++e) {
      out[0][k] += rows[4 * d + 4 * k + e - d] * a[e];
      out[1][k] += rows[4 * d + 4 * k + e - d] * b[e];
    }
  }
}

/// Stores row r as the k-th of four. @param row  (dim rounded up to 4) f32, working memory
void widen_floats(const TableView& table, uint32_t r, float* row, float* rows, size_t k) {
  lookup_simd128(table, &r, 1, row);
  for (size_t d = 0; d < table.dim; d += 4) wasm_v128_store(rows + 4 * d + 4 * k, wasm_v128_load(row + d));
}

/// Stores the integers of row r as the k-th of four, in the order of the hidden state's, with zeros after them up to a
/// whole block.
/// @param scales  (blocks, 4) f32, of i4
void widen_quanta(const TableView& table, uint32_t r, int16_t* rows, float* scales, size_t k) {
  const uint8_t* row = table.row(r);
  int16_t* out = rows + 8 * k;
  size_t d = 0;
  if (table.dtype == Dtype::i4) {
    for (; d < table.dim; d += kBlock, row += kBlock / 2, out += 4 * kBlock) {
      scales[4 * (d / kBlock) + k] = float_from_f16(table.scales_of(r)[d / kBlock]);
      const Block_i4 block(row);
      const v128_t eight = wasm_i16x8_splat(8);
      wasm_v128_store(out, wasm_i16x8_sub(block.eight<0>(), eight));
      wasm_v128_store(out + 32, wasm_i16x8_sub(block.eight<1>(), eight));
      wasm_v128_store(out + 64, wasm_i16x8_sub(block.eight<2>(), eight));
      wasm_v128_store(out + 96, wasm_i16x8_sub(block.eight<3>(), eight));
    }
    return;
  }
  for (; d + 8 <= table.dim; d += 8) wasm_v128_store(out + 4 * d, wasm_i16x8_load8x8(row + d));
  for (const size_t end = size_t{blocks_per_row(table.dim)} * kBlock; d < end; ++d) {
    out[d / 8 * 32 + d % 8] = d < table.dim ? static_cast<int8_t>(row[d]) : 0;
  }
}

/// Like tile_4x2, for integers.
/// @param rows    (dim rounded up to 32, divided by 8; 4; 8) i16, of the table's rows r
/// @param scales  (blocks, 4) f32, of i4
template <bool kInBlocks>
void tile_of_quanta(const TableView& table, const uint32_t r[4], const int16_t* rows, const float* scales,
                    const Hidden& x, const Hidden& y, float out[2][4]) {
  const size_t columns = size_t{blocks_per_row(table.dim)} * kBlock, run = kInBlocks ? kBlock : kColumnsOfOneSum;
  v128_t totals[2][4];  // f32x4 with the scales applied for blocks, f64x2 otherwise
  for (auto& of_state : totals)
    for (v128_t& total : of_state) total = wasm_f32x4_splat(0);
  for (size_t d = 0; d < columns;) {
    v128_t sums[2][4];
    for (auto& of_state : sums)
      for (v128_t& sum : of_state) sum = wasm_i32x4_splat(0);
    const float* const of_block = scales + d / kBlock * 4;
    for (const size_t end = d + run < columns ? d + run : columns; d < end; d += 8) {
      const v128_t a = wasm_v128_load(x.q + d), b = wasm_v128_load(y.q + d);
#pragma clang loop unroll(full)
      for (size_t k = 0; k < 4; ++k) {
        const v128_t row = wasm_v128_load(rows + 4 * d + 8 * k);
        sums[0][k] = wasm_i32x4_add(sums[0][k], dot_i16(row, a));
        sums[1][k] = wasm_i32x4_add(sums[1][k], dot_i16(row, b));
      }
    }
#pragma clang loop unroll(full)
    for (size_t k = 0; k < 4; ++k) {
      const v128_t scale = kInBlocks ? wasm_v128_load32_splat(of_block + k) : wasm_f32x4_splat(0);
#pragma clang loop unroll(full)
      for (size_t s = 0; s < 2; ++s) {
        totals[s][k] = kInBlocks ? multiply_add(totals[s][k], wasm_f32x4_convert_i32x4(sums[s][k]), scale)
                                 : wasm_f64x2_add(totals[s][k], f64x2_sum_of_i32x4(sums[s][k]));
      }
    }
  }
  for (size_t s = 0; s < 2; ++s) {
    for (size_t k = 0; k < 4; ++k) {
      const float sum =
          kInBlocks ? sum_of(totals[s][k]) : static_cast<float>(sum_of_f64x2(totals[s][k])) * table.row_scale(r[k]);
      out[s][k] = sum * (s == 0 ? x : y).scale;
    }
  }
}

/// Four distant rows at a time; where fewer are left, the first of them again.
void score_i8(const TableView& table, const Hidden& hidden, uint32_t first, size_t n, float* out) {
  const size_t quarter = (n + 3) / 4;
  for (size_t i = 0; i < quarter; ++i) {
    size_t at[4];
    const int8_t* rows[4];
#pragma clang loop unroll(full)
    for (size_t k = 0; k < 4; ++k) {
      at[k] = i + k * quarter < n ? i + k * quarter : i;
      rows[k] = reinterpret_cast<const int8_t*>(table.row(first + static_cast<uint32_t>(at[k]), Dtype::i8));
    }
    float sums[4];
    dot_four_i8(rows, hidden.q, table.dim, sums);
#pragma clang loop unroll(full)
    for (size_t k = 0; k < 4; ++k)
      out[at[k]] = sums[k] * table.row_scale(first + static_cast<uint32_t>(at[k])) * hidden.scale;
  }
}

}  // namespace

void logits_simd128(const TableView& table, const Hidden& hidden, uint32_t first, size_t n, float* out) {
  if (table.dtype == Dtype::i8) return score_i8(table, hidden, first, n, out);
  const size_t half = (n + 1) / 2;
  for (size_t i = 0; i < half; ++i) {
    const size_t other = i + half < n ? i + half : i;
    float scores[2];
    score_two(table, hidden, first + static_cast<uint32_t>(i), first + static_cast<uint32_t>(other), scores);
    out[i] = scores[0];
    out[other] = scores[1];
  }
}

void logits_many_simd128(const TableView& table, const Hidden* hidden, size_t states, uint32_t first, size_t n,
                         float* rows, float* out, size_t stride) {
  const bool quantized = table.dtype == Dtype::i8 || table.dtype == Dtype::i4;
  int16_t* const quanta = reinterpret_cast<int16_t*>(rows);
  float* const row = rows + 4 * size_t{blocks_per_row(table.dim)} * kBlock;  // or the scales of four rows
  for (size_t i = 0; i < n; i += 4) {
    const size_t count = n - i < 4 ? n - i : 4;
    uint32_t r[4];
    for (size_t k = 0; k < 4; ++k) {
      r[k] = first + static_cast<uint32_t>(i + (k < count ? k : 0));  // fewer than four rows left: repeats the first
      if (quantized) {
        widen_quanta(table, r[k], quanta, row, k);
      } else {
        widen_floats(table, r[k], row, rows, k);
      }
    }
    for (size_t j = 0; j < states; j += 2) {
      const Hidden &x = hidden[j], &y = hidden[j + 1 < states ? j + 1 : j];
      float sums[2][4];
      if (table.dtype == Dtype::i8) {
        tile_of_quanta<false>(table, r, quanta, row, x, y, sums);
      } else if (table.dtype == Dtype::i4) {
        tile_of_quanta<true>(table, r, quanta, row, x, y, sums);
      } else {
        tile_4x2(rows, x.x, y.x, table.dim, sums);
      }
      for (size_t s = 0; s < 2 && j + s < states; ++s)
        for (size_t k = 0; k < count; ++k) out[(j + s) * stride + i + k] = sums[s][k];
    }
  }
}

}  // namespace wembed
