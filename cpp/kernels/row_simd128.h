#pragma once
#include "kernels/row_scalar.h"
#include "kernels/simd128.h"

namespace wembed {

// Widening of eight stored values to f32, one type a dtype. `at` points anywhere: every load is unaligned.

struct Pair_f32x4 {
  v128_t low, high;
};

/// Exact binary16 → binary32 of four u32 lanes. Subnormals are made by a subtraction of two normal numbers: a multiply
/// by 2^112 would read subnormal f32 values, which x86 handles by microcode, ~50 × slower.
inline v128_t f32x4_from_f16(v128_t half_u32x4) {
  const v128_t sign = wasm_i32x4_shl(wasm_v128_and(half_u32x4, wasm_i32x4_splat(0x8000)), 16);
  const v128_t magnitude = wasm_i32x4_shl(wasm_v128_and(half_u32x4, wasm_i32x4_splat(0x7fff)), 13);
  const v128_t normal = wasm_i32x4_add(magnitude, wasm_i32x4_splat(0x38000000));
  const v128_t infinite = wasm_v128_or(magnitude, wasm_i32x4_splat(0x7f800000));
  const v128_t two_to_minus_14 = wasm_i32x4_splat(0x38800000);
  const v128_t subnormal = wasm_f32x4_sub(wasm_i32x4_add(magnitude, two_to_minus_14), two_to_minus_14);
  const v128_t is_infinite = wasm_i32x4_gt(magnitude, wasm_i32x4_splat(0x0f7fffff));
  const v128_t is_subnormal = wasm_i32x4_lt(magnitude, wasm_i32x4_splat(0x00800000));
  const v128_t finite = wasm_v128_bitselect(subnormal, normal, is_subnormal);
  return wasm_v128_or(sign, wasm_v128_bitselect(infinite, finite, is_infinite));
}

struct Row_f32 {
  static constexpr Dtype kDtype = Dtype::f32;
  static Pair_f32x4 load8(const uint8_t* at) { return {wasm_v128_load(at), wasm_v128_load(at + 16)}; }
};

struct Row_f16 {
  static constexpr Dtype kDtype = Dtype::f16;
  static Pair_f32x4 load8(const uint8_t* at) {
    const v128_t halves = wasm_v128_load(at);
    return {f32x4_from_f16(wasm_u32x4_extend_low_u16x8(halves)), f32x4_from_f16(wasm_u32x4_extend_high_u16x8(halves))};
  }
};

/// Exact i16 → f32 of four i32 lanes that hold i16 values: added to the bits of 1.5·2^23 they become its lowest places,
/// and subtracting it leaves them. Not f32x4.convert_i32x4: after a widening, LLVM 14 takes that apart lane by lane.
inline v128_t f32x4_from_small_i32x4(v128_t values_i32x4) {
  const v128_t magic = wasm_i32x4_splat(0x4b400000);
  return wasm_f32x4_sub(wasm_i32x4_add(values_i32x4, magic), magic);
}

struct Row_i8 {
  static constexpr Dtype kDtype = Dtype::i8;
  static Pair_f32x4 load8(const uint8_t* at) {
    const v128_t values_i16x8 = wasm_i16x8_load8x8(at);
    return {f32x4_from_small_i32x4(wasm_i32x4_extend_low_i16x8(values_i16x8)),
            f32x4_from_small_i32x4(wasm_i32x4_extend_high_i16x8(values_i16x8))};
  }
};

/// Calls `use` with the row type of a dtype, so that each kernel is written once and compiled once a dtype.
template <class Use>
void with_row_type(Dtype dtype, Use use) {
  switch (dtype) {
    case Dtype::f32:
      return use(Row_f32{});
    case Dtype::f16:
      return use(Row_f16{});
    case Dtype::i8:
      return use(Row_i8{});
  }
}

}  // namespace wembed
