#include "kernels/lookup.h"
#include "kernels/row_simd128.h"

namespace wembed {
namespace {

/// The columns up to the last multiple of 32, compiled once a dtype.
template <class Row>
void widen_blocks(const TableView& table, const uint32_t* ids, size_t n, float* out) {
  for (size_t i = 0; i < n; ++i, out += table.dim) {
    const Row row(table, ids[i]);
    const v128_t scale = wasm_f32x4_splat(table.row_scale(ids[i]));
    for (size_t d = 0; d + 32 <= table.dim; d += 32) {
      v128_t values[8];
      load32(row, d, values);
      for (size_t k = 0; k < 8; ++k) {
        wasm_v128_store(out + d + 4 * k, Row::kDtype == Dtype::i8 ? wasm_f32x4_mul(scale, values[k]) : values[k]);
      }
    }
  }
}

/// The columns after it. A scale of 1 changes no float.
void widen_rest(const TableView& table, uint32_t r, float* out) {
  size_t d = table.dim / 32 * 32;
  const v128_t scale = wasm_f32x4_splat(table.row_scale(r));
  for (; d + 8 <= table.dim; d += 8) {
    const Pair_f32x4 values = load8_any(table, r, d);
    wasm_v128_store(out + d, wasm_f32x4_mul(scale, values.low));
    wasm_v128_store(out + d + 4, wasm_f32x4_mul(scale, values.high));
  }
  for (; d < table.dim; ++d) out[d] = table.row_scale(r) * value_at(table, r, d);
}

}  // namespace

void lookup_simd128(const TableView& table, const uint32_t* ids, size_t n, float* out) {
  if (n == 0) return;
  with_row_type(table, ids[0], [&](auto row) { widen_blocks<decltype(row)>(table, ids, n, out); });
  if (table.dim % 32 == 0) return;
  for (size_t i = 0; i < n; ++i) widen_rest(table, ids[i], out + i * table.dim);
}

}  // namespace wembed
