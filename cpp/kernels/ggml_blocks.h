#pragma once
#include <cstdint>

#include "core/codes.h"

namespace wembed {

/// The size of a block of a type; numbers is 0 for a type outside GgmlType. F32, F16 and BF16, which have no blocks,
/// are dtypes of core/dtype.h.
struct GgmlBlock {
  uint32_t numbers;
  uint32_t bytes;
};
GgmlBlock ggml_block(uint32_t type);

/// Converts a row of blocks to f32: out[i] = scale × q[i] - min, with the scale and minimum of i's block or part of a
/// block.
/// @param type  a type for which `ggml_block` has numbers
/// @param row   (dim / numbers) blocks, at any address
/// @param dim   a multiple of the block's numbers
/// @param out   (dim) f32
/// Numerics: the same bits as `gguf.quants.dequantize` of the gguf package and as ggml's `dequantize_row_*`, but for
/// the payload of a NaN. Any bytes are numbers: an infinite or NaN scale gives infinities and NaNs.
void widen_ggml_row(uint32_t type, const uint8_t* row, uint32_t dim, float* out);

}  // namespace wembed
