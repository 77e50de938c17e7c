#include "kernels/quantize_one.h"
#include "kernels/simd128.h"

namespace wembed {
namespace {

/// A float's bits without its sign, ordered like its magnitude; infinities and NaN come last.
v128_t magnitude_of(v128_t x) { return wasm_v128_and(x, wasm_i32x4_splat(0x7fffffff)); }

int32_t largest(v128_t bits) {
  bits = wasm_i32x4_max(bits, wasm_i32x4_shuffle(bits, bits, 2, 3, 0, 1));
  return wasm_i32x4_extract_lane(wasm_i32x4_max(bits, wasm_i32x4_shuffle(bits, bits, 1, 0, 3, 2)), 0);
}

/// The largest magnitude of n numbers, a multiple of 4, as bits.
int32_t largest_magnitude(const float* row, size_t n) {
  v128_t most = wasm_i32x4_splat(0);
  for (size_t d = 0; d < n; d += 4) most = wasm_i32x4_max(most, magnitude_of(wasm_v128_load(row + d)));
  return largest(most);
}

constexpr int32_t kInfinite = 0x7f800000;

/// round(x / scale) of four numbers; the scale is not 0 and no quotient is near 2^22. Adding 1.5·2^23 rounds a number,
/// ties to even, into the lowest bits.
v128_t quanta_i32x4(const float* row, v128_t scale) {
  const v128_t magic = wasm_i32x4_splat(0x4b400000);
  return wasm_i32x4_sub(wasm_f32x4_add(wasm_f32x4_div(wasm_v128_load(row), scale), magic), magic);
}

v128_t quanta_i8x16(const float* row, v128_t scale) {
  return wasm_i8x16_narrow_i16x8(wasm_i16x8_narrow_i32x4(quanta_i32x4(row, scale), quanta_i32x4(row + 4, scale)),
                                 wasm_i16x8_narrow_i32x4(quanta_i32x4(row + 8, scale), quanta_i32x4(row + 12, scale)));
}

bool quantize_i8(const float* row, uint32_t dim, const RowOut& out) {
  const uint32_t whole = dim / 16 * 16;
  int32_t bits = largest_magnitude(row, whole);
  for (uint32_t d = whole; d < dim; ++d) {
    const int32_t magnitude = static_cast<int32_t>(bits_from_float(row[d]) & 0x7fffffff);
    bits = magnitude > bits ? magnitude : bits;
  }
  if (bits >= kInfinite) return false;
  const float scale = float_from_bits(static_cast<uint32_t>(bits)) / 127;
  *out.row_scale = scale;
  if (scale == 0) {
    std::memset(out.data, 0, dim);
    return true;
  }
  const v128_t scale_f32x4 = wasm_f32x4_splat(scale), least = wasm_i8x16_splat(-127);
  for (uint32_t d = 0; d < whole; d += 16)
    wasm_v128_store(out.data + d, wasm_i8x16_max(quanta_i8x16(row + d, scale_f32x4), least));
  for (uint32_t d = whole; d < dim; ++d) {
    const int q = quantum(row[d], scale);
    out.data[d] = static_cast<uint8_t>(q > 127 ? 127 : q < -127 ? -127 : q);
  }
  return true;
}

/// A whole block. If two extremes have the same magnitude, the first decides the sign of the scale, as in the scalar
/// definition.
bool quantize_block(const float* row, uint8_t* bytes, uint16_t* scale) {
  const int32_t most = largest_magnitude(row, kBlock);
  if (most >= kInfinite) return false;
  uint32_t first = 0;
  for (v128_t hits; first < kBlock; first += 4) {
    hits = wasm_i32x4_eq(magnitude_of(wasm_v128_load(row + first)), wasm_i32x4_splat(most));
    if (!wasm_v128_any_true(hits)) continue;
    first += static_cast<uint32_t>(__builtin_ctz(wasm_i32x4_bitmask(hits)));
    break;
  }
  if (!block_scale(most == 0 ? 0 : row[first], scale)) return false;
  const float value = float_from_f16(*scale);
  v128_t q[2] = {wasm_i8x16_splat(0), wasm_i8x16_splat(0)};
  for (uint32_t half = 0; value != 0 && half < 2; ++half) {
    q[half] = quanta_i8x16(row + 16 * half, wasm_f32x4_splat(value));
    q[half] = wasm_i8x16_min(wasm_i8x16_max(q[half], wasm_i8x16_splat(-8)), wasm_i8x16_splat(7));
  }
  const v128_t eight = wasm_i8x16_splat(8);
  wasm_v128_store(bytes, wasm_v128_or(wasm_i8x16_add(q[0], eight), wasm_i8x16_shl(wasm_i8x16_add(q[1], eight), 4)));
  return true;
}

bool quantize_i4(const float* row, uint32_t dim, const RowOut& out) {
  const uint32_t blocks = dim / kBlock;
  for (uint32_t b = 0; b < blocks; ++b) {
    if (!quantize_block(row + b * kBlock, out.data + b * (kBlock / 2), out.block_scales + b)) return false;
  }
  if (dim % kBlock == 0) return true;
  const RowOut rest = {Dtype::i4, out.data + blocks * (kBlock / 2), nullptr, out.block_scales + blocks};
  float padded[kBlock] = {};  // zeros change neither the scale nor the numbers
  std::memcpy(padded, row + blocks * kBlock, dim % kBlock * sizeof(float));
  return quantize_block(padded, rest.data, rest.block_scales);
}

v128_t bf16_u32x4(v128_t bits) {
  const v128_t odd = wasm_v128_and(wasm_u32x4_shr(bits, 16), wasm_i32x4_splat(1));
  const v128_t rounded = wasm_u32x4_shr(wasm_i32x4_add(wasm_i32x4_add(bits, wasm_i32x4_splat(0x7fff)), odd), 16);
  const v128_t nan = wasm_v128_or(wasm_u32x4_shr(bits, 16), wasm_i32x4_splat(0x40));
  return wasm_v128_bitselect(nan, rounded, wasm_f32x4_ne(bits, bits));
}

/// Like f16_from_float: computes all cases and selects.
v128_t f16_u32x4(v128_t bits) {
  const v128_t sign = wasm_v128_and(wasm_u32x4_shr(bits, 16), wasm_i32x4_splat(0x8000));
  const v128_t magnitude = wasm_v128_and(bits, wasm_i32x4_splat(0x7fffffff));
  const v128_t odd = wasm_v128_and(wasm_u32x4_shr(magnitude, 13), wasm_i32x4_splat(1));
  const v128_t rebased = wasm_i32x4_add(magnitude, wasm_i32x4_splat(0xfff - 0x38000000));
  v128_t half = wasm_u32x4_shr(wasm_i32x4_add(rebased, odd), 13);
  const v128_t shifted = wasm_f32x4_add(magnitude, wasm_f32x4_splat(0.5f));
  const v128_t subnormal = wasm_i32x4_sub(shifted, wasm_i32x4_splat(0x3f000000));
  half = wasm_v128_bitselect(subnormal, half, wasm_i32x4_lt(magnitude, wasm_i32x4_splat(0x38800000)));
  half = wasm_v128_bitselect(wasm_i32x4_splat(0x7c00), half, wasm_i32x4_ge(magnitude, wasm_i32x4_splat(0x477ff000)));
  half = wasm_v128_bitselect(wasm_i32x4_splat(0x7e00), half, wasm_i32x4_gt(magnitude, wasm_i32x4_splat(0x7f800000)));
  return wasm_v128_or(sign, half);
}

/// Whether a number of the row is finite but at or above a magnitude.
bool any_too_large(const float* row, uint32_t dim, uint32_t least) {
  const uint32_t range = kInfinite - least;
  const v128_t least_u32x4 = wasm_i32x4_splat(static_cast<int32_t>(least));
  const v128_t range_u32x4 = wasm_i32x4_splat(static_cast<int32_t>(range));
  v128_t any = wasm_i32x4_splat(0);
  uint32_t d = 0;
  for (; d + 4 <= dim; d += 4) {
    const v128_t above = wasm_i32x4_sub(magnitude_of(wasm_v128_load(row + d)), least_u32x4);
    any = wasm_v128_or(any, wasm_u32x4_lt(above, range_u32x4));
  }
  bool found = wasm_v128_any_true(any);
  for (; d < dim; ++d) found |= (bits_from_float(row[d]) & 0x7fffffff) - least < range;
  return found;
}

}  // namespace

bool quantize_simd128(const float* row, uint32_t dim, const RowOut& out) {
  if (out.dtype == Dtype::i8) return quantize_i8(row, dim, out);
  if (out.dtype == Dtype::i4) return quantize_i4(row, dim, out);
  if (out.dtype == Dtype::f32) {
    std::memcpy(out.data, row, size_t{dim} * 4);
    return true;
  }
  if (any_too_large(row, dim, first_too_large(out.dtype))) return false;
  const bool is_f16 = out.dtype == Dtype::f16;
  uint32_t d = 0;
  for (; d + 8 <= dim; d += 8) {
    const v128_t low = wasm_v128_load(row + d), high = wasm_v128_load(row + d + 4);
    wasm_v128_store(out.data + 2 * d, is_f16 ? wasm_u16x8_narrow_i32x4(f16_u32x4(low), f16_u32x4(high))
                                             : wasm_u16x8_narrow_i32x4(bf16_u32x4(low), bf16_u32x4(high)));
  }
  for (; d < dim; ++d) {
    const uint16_t half = is_f16 ? f16_from_float(row[d]) : bf16_from_float(row[d]);
    std::memcpy(out.data + 2 * d, &half, sizeof half);
  }
  return true;
}

}  // namespace wembed
