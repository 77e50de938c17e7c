#include "kernels/quantize_one.h"
#include "kernels/simd128.h"

namespace wembed {
namespace {

/// Largest and smallest of n numbers, a multiple of 4; false where one is not finite: x - x is then NaN.
bool range_of(const float* row, size_t n, v128_t* low, v128_t* high) {
  v128_t bad = wasm_i32x4_splat(0);
  for (size_t d = 0; d < n; d += 4) {
    const v128_t x = wasm_v128_load(row + d), zero = wasm_f32x4_sub(x, x);
    bad = wasm_v128_or(bad, wasm_f32x4_ne(zero, zero));
    *low = wasm_f32x4_min(*low, x);
    *high = wasm_f32x4_max(*high, x);
  }
  return !wasm_v128_any_true(bad);
}

/// round(x / scale) of four; the scale is not 0.
v128_t quanta_i32x4(const float* row, v128_t scale) {
  return wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_nearest(wasm_f32x4_div(wasm_v128_load(row), scale)));
}

v128_t quanta_i8x16(const float* row, v128_t scale) {
  return wasm_i8x16_narrow_i16x8(wasm_i16x8_narrow_i32x4(quanta_i32x4(row, scale), quanta_i32x4(row + 4, scale)),
                                 wasm_i16x8_narrow_i32x4(quanta_i32x4(row + 8, scale), quanta_i32x4(row + 12, scale)));
}

float largest(v128_t x) {
  x = wasm_f32x4_max(x, wasm_i32x4_shuffle(x, x, 2, 3, 0, 1));
  return wasm_f32x4_extract_lane(wasm_f32x4_max(x, wasm_i32x4_shuffle(x, x, 1, 0, 3, 2)), 0);
}

bool quantize_i8(const float* row, uint32_t dim, const RowOut& out) {
  v128_t low = wasm_f32x4_splat(0), high = low;
  const uint32_t whole = dim / 16 * 16;
  if (!range_of(row, whole, &low, &high)) return false;
  float most = largest(wasm_f32x4_max(high, wasm_f32x4_neg(low)));
  for (uint32_t d = whole; d < dim; ++d) {
    if (!std::isfinite(row[d])) return false;
    most = std::fabs(row[d]) > most ? std::fabs(row[d]) : most;
  }
  const float scale = most / 127;
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

/// A whole block. Which of two extremes of one magnitude comes first decides the sign of the scale, as in the
/// definition.
bool quantize_block(const float* row, uint8_t* bytes, uint16_t* scale) {
  v128_t low = wasm_f32x4_splat(0), high = low;
  if (!range_of(row, kBlock, &low, &high)) return false;
  const float most = largest(high), least = -largest(wasm_f32x4_neg(low));
  float extreme = most > -least ? most : least;
  for (uint32_t i = 0; most == -least && i < kBlock; ++i) {
    if (std::fabs(row[i]) != most) continue;
    extreme = row[i];
    break;
  }
  if (!block_scale(extreme, scale)) return false;
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

/// As f16_from_float, all cases worked out and chosen from.
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

}  // namespace

bool quantize_simd128(const float* row, uint32_t dim, const RowOut& out) {
  if (out.dtype == Dtype::i8) return quantize_i8(row, dim, out);
  if (out.dtype == Dtype::i4) return quantize_i4(row, dim, out);
  if (out.dtype == Dtype::f32) {
    std::memcpy(out.data, row, size_t{dim} * 4);
    return true;
  }
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
