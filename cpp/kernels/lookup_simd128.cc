#include "kernels/lookup.h"
#include "kernels/row_simd128.h"

namespace wembed {
namespace {

template <class Row>
void widen_row(const uint8_t* row, float scale, size_t dim, float* out) {
  constexpr bool kScaled = Row::kDtype == Dtype::i8;
  constexpr size_t kBytes = bytes_per_value(Row::kDtype);
  const v128_t scale_f32x4 = wasm_f32x4_splat(scale);
  size_t d = 0;
  for (; d + 8 <= dim; d += 8) {
    const Pair_f32x4 values = Row::load8(row + d * kBytes);
    wasm_v128_store(out + d, kScaled ? wasm_f32x4_mul(scale_f32x4, values.low) : values.low);
    wasm_v128_store(out + d + 4, kScaled ? wasm_f32x4_mul(scale_f32x4, values.high) : values.high);
  }
  for (; d < dim; ++d) {
    const float value = value_at(Row::kDtype, row, d);
    out[d] = kScaled ? scale * value : value;
  }
}

}  // namespace

void lookup_simd128(const TableView& table, const uint32_t* ids, size_t n, float* out) {
  with_row_type(table.dtype, [&](auto row_type) {
    for (size_t i = 0; i < n; ++i) {
      widen_row<decltype(row_type)>(table.row(ids[i]), table.row_scale(ids[i]), table.dim, out + i * table.dim);
    }
  });
}

}  // namespace wembed
