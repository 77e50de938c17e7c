#pragma once
#include <cstdint>

namespace wembed {

/// How ggml stores numbers in blocks, by the codes of its `ggml_type`. F32, F16 and BF16 are dtypes of core/dtype.h.
enum class GgmlType : uint32_t {
  q4_0 = 2,
  q4_1 = 3,
  q5_0 = 6,
  q5_1 = 7,
  q8_0 = 8,
  q2_k = 10,
  q3_k = 11,
  q4_k = 12,
  q5_k = 13,
  q6_k = 14,
  iq4_nl = 20,
};

/// A block's size; numbers is 0 for a type that is none of the above.
struct GgmlBlock {
  uint32_t numbers;
  uint32_t bytes;
};
GgmlBlock ggml_block(uint32_t type);

/// Widens a row of blocks: out[i] = scale × q[i] - min, with scale and min of i's block or part of a block.
/// @param type  one for which `ggml_block` has numbers
/// @param row   (dim / numbers) blocks, at any address
/// @param dim   a multiple of the block's numbers
/// @param out   (dim) f32
/// Numerics: the same bits as `gguf.quants.dequantize` of the gguf package and as ggml's `dequantize_row_*`, but for
/// the payload of a NaN. Any bytes are numbers: an infinite or NaN scale gives infinities and NaNs.
void widen_ggml_row(uint32_t type, const uint8_t* row, uint32_t dim, float* out);

}  // namespace wembed
