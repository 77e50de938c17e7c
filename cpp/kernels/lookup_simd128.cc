#include "kernels/lookup.h"
#include "kernels/row_simd128.h"

namespace wembed {
namespace {

/// Prefetches the next row by reading one number per cache line: the processor fetches all lines at once instead of one
/// after another. Rows of i4 are too short to gain from it.
template <class Row>
void fetch(const TableView& table, uint32_t r) {
  const uint8_t* row = table.row(r);
  const size_t bytes = Row::kDtype == Dtype::i4 ? 0 : row_bytes(Row::kDtype, table.dim);
  for (size_t at = 0; at < bytes; at += 64) static_cast<void>(*static_cast<const volatile uint8_t*>(row + at));
}

template <class Row>
void widen32(const Row& row, size_t d, v128_t scale, float* out) {
  v128_t values[8];
  load32(row, d, values);
#pragma clang loop unroll(full)
  for (size_t k = 0; k < 8; ++k) {
    wasm_v128_store(out + 4 * k, Row::kDtype == Dtype::i8 ? wasm_f32x4_mul(scale, values[k]) : values[k]);
  }
}

__attribute__((noinline)) void widen32_exactly(const Row_f16& row, size_t d, float* out) {
  for (size_t k = 0; k < 32; k += 8) {
    const Pair_f32x4 values = row.load8(d + k);
    wasm_v128_store(out + k, values.low);
    wasm_v128_store(out + k + 4, values.high);
  }
}

/// Most blocks have no small halves and take half the instructions.
template <>
void widen32(const Row_f16& row, size_t d, v128_t, float* out) {
  const v128_t zero = wasm_i32x4_splat(0), exponent = wasm_i16x8_splat(0x7c00), back = wasm_i32x4_splat(0x07800000);
  v128_t small = zero;
#pragma clang loop unroll(full)
  for (size_t k = 0; k < 32; k += 8) {
    const v128_t halves = wasm_v128_load(row.at + 2 * (d + k));
    const v128_t low = wasm_i16x8_shuffle(zero, halves, 0, 8, 1, 9, 2, 10, 3, 11);
    const v128_t high = wasm_i16x8_shuffle(zero, halves, 4, 12, 5, 13, 6, 14, 7, 15);
    small = wasm_v128_or(small, wasm_i16x8_eq(wasm_v128_and(halves, exponent), zero));
    wasm_v128_store(out + k, wasm_f32x4_mul(large_f32x4_from_f16(wasm_i32x4_shr(low, 3)), back));
    wasm_v128_store(out + k + 4, wasm_f32x4_mul(large_f32x4_from_f16(wasm_i32x4_shr(high, 3)), back));
  }
  if (wasm_v128_any_true(small)) widen32_exactly(row, d, out);
}

/// The columns up to the last multiple of 32, compiled once per dtype.
template <class Row>
void widen_blocks(const TableView& table, const uint32_t* ids, size_t n, float* out) {
  for (size_t i = 0; i < n; ++i, out += table.dim) {
    const Row row(table, ids[i]);
    const v128_t scale = wasm_f32x4_splat(table.row_scale(ids[i]));
    if (i + 1 < n) fetch<Row>(table, ids[i + 1]);
    for (size_t d = 0; d + 32 <= table.dim; d += 32) widen32(row, d, scale, out + d);
  }
}

/// The remaining columns. A scale of 1 changes no float.
void widen_rest(const TableView& table, uint32_t r, float* out) {
  size_t d = table.dim / 32 * 32;
  const v128_t scale = wasm_f32x4_splat(table.row_scale(r));
  for (; d + 8 <= table.dim; d += 8) {
    const Pair_f32x4 values = load8_any(table, r, d);
    wasm_v128_store(out + d, wasm_f32x4_mul(scale, values.low));
    wasm_v128_store(out + d + 4, wasm_f32x4_mul(scale, values.high));
  }
  for (; d < table.dim; ++d) out[d] = table.row_scale(r) * value_at_any(table, r, d);
}

}  // namespace

void lookup_simd128(const TableView& table, const uint32_t* ids, size_t n, float* out) {
  if (n == 0) return;
  with_row_type(table, ids[0], [&](auto row) { widen_blocks<decltype(row)>(table, ids, n, out); });
  if (table.dim % 32 == 0) return;
  for (size_t i = 0; i < n; ++i) widen_rest(table, ids[i], out + i * table.dim);
}

}  // namespace wembed
