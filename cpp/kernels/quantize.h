#pragma once
#include "core/view.h"

namespace wembed {

/// Where a row of a table is written to.
struct RowOut {
  Dtype dtype;
  uint8_t* data;           // (row_bytes(dtype, dim))
  float* row_scale;        // i8: the row's scale
  uint16_t* block_scales;  // i4: (blocks_per_row(dim)) f16
};

/// Stores a row of f32 numbers in another dtype.
///   f16, bf16: each number rounded to nearest, ties to even; NaN and infinities stay what they are
///   i8: scale = max|x| / 127, q = round(x / scale)
///   i4: in each block of 32, with m the number of largest magnitude: scale = f16(m / -8), q = round(x / scale) and
///       at most 7. So m is represented by -8, and all 16 values are used
/// Rounding is to nearest, ties to even. Rows and blocks of zeros have scale 0.
/// @param row  (dim) f32
/// @returns false, with undefined output, if an i8 or i4 row contains a number that is not finite, an i4 scale is too
/// large for f16, or a finite number would round to an infinite f16 or bf16
/// Numerics: both variants give the same bits. |error| ≤ scale / 2 for i8; ≤ |scale| for i4 (at the far end of the
/// range). f16 and bf16 match torch's `.to(torch.float16)`, `.to(torch.bfloat16)`, which makes
/// numbers that are too large infinite; i4's scale rule is that of ggml's
/// Q4_0.
bool quantize_scalar(const float* row, uint32_t dim, const RowOut& out);
bool quantize_simd128(const float* row, uint32_t dim, const RowOut& out);

}  // namespace wembed
