#include "kernels/quantize_one.h"

namespace wembed {
namespace {

/// The number of largest magnitude, the first among equals; false if any number is not finite.
bool extreme_of(const float* row, size_t n, float* extreme) {
  *extreme = 0;
  for (size_t i = 0; i < n; ++i) {
    if (!std::isfinite(row[i])) return false;
    if (std::fabs(row[i]) > std::fabs(*extreme)) *extreme = row[i];
  }
  return true;
}

bool quantize_i8(const float* row, uint32_t dim, const RowOut& out) {
  float extreme;
  if (!extreme_of(row, dim, &extreme)) return false;
  const float scale = std::fabs(extreme) / 127;
  *out.row_scale = scale;
  for (uint32_t d = 0; d < dim; ++d) {
    const int q = quantum(row[d], scale);
    // A subnormal scale is itself rounded, so |q| may exceed 127.
    out.data[d] = static_cast<uint8_t>(q > 127 ? 127 : q < -127 ? -127 : q);
  }
  return true;
}

bool quantize_i4(const float* row, uint32_t dim, const RowOut& out) {
  for (uint32_t begin = 0, block = 0; begin < dim; begin += kBlock, ++block) {
    const uint32_t n = dim - begin < kBlock ? dim - begin : kBlock;
    float extreme;
    if (!extreme_of(row + begin, n, &extreme) || !block_scale(extreme, &out.block_scales[block])) return false;
    const float scale = float_from_f16(out.block_scales[block]);
    uint8_t* bytes = out.data + block * (kBlock / 2);
    for (uint32_t i = 0; i < kBlock / 2; ++i) {
      const int low = i < n ? quantum_i4(row[begin + i], scale) : 0;
      const int high = i + 16 < n ? quantum_i4(row[begin + i + 16], scale) : 0;
      bytes[i] = static_cast<uint8_t>((low + 8) | (high + 8) << 4);
    }
  }
  return true;
}

}  // namespace

bool quantize_scalar(const float* row, uint32_t dim, const RowOut& out) {
  if (out.dtype == Dtype::i8) return quantize_i8(row, dim, out);
  if (out.dtype == Dtype::i4) return quantize_i4(row, dim, out);
  if (out.dtype == Dtype::f32) {
    std::memcpy(out.data, row, size_t{dim} * 4);
    return true;
  }
  const uint32_t too_large = first_too_large(out.dtype);
  for (uint32_t d = 0; d < dim; ++d) {
    const uint32_t magnitude = bits_from_float(row[d]) & 0x7fffffff;
    if (magnitude >= too_large && magnitude < 0x7f800000) return false;
    const uint16_t half = out.dtype == Dtype::f16 ? f16_from_float(row[d]) : bf16_from_float(row[d]);
    std::memcpy(out.data + 2 * d, &half, sizeof half);
  }
  return true;
}

}  // namespace wembed
