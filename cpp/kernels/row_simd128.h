#pragma once
#include "kernels/row_scalar.h"
#include "kernels/simd128.h"

namespace wembed {

// Conversion of stored numbers to f32, one type per dtype: a cursor over one row. Every load is unaligned. `load8`
// reads the eight numbers from d on, a multiple of 8; `load32` the 32 numbers from a multiple of 32.

struct Pair_f32x4 {
  v128_t low, high;
};

/// An f16 in the upper half of each lane (at least its sign), shifted right by three bits, with the upper bits of the
/// exponent set: an f32 2^112 times as large, infinities and NaN included. Zeros and subnormals come out as 2^97 +
/// m·2^87 in magnitude; the right value is m·2^88.
inline v128_t large_f32x4_from_f16(v128_t moved) { return wasm_v128_or(moved, wasm_i32x4_splat(0x70000000)); }

/// Corrects these: the right value is twice the given one minus 2^98. For all other numbers that result is not smaller
/// than the number itself. No intermediate number is subnormal: some processors take a hundred times as long with
/// those.
inline v128_t with_small_halves(v128_t large) {
  const v128_t sign = wasm_i32x4_splat(INT32_MIN), limit = wasm_i32x4_splat(0x70800000);
  const v128_t size = wasm_v128_andnot(large, sign);
  const v128_t right = wasm_f32x4_pmin(wasm_f32x4_sub(wasm_f32x4_add(size, size), limit), size);
  return wasm_v128_or(right, wasm_v128_and(large, sign));
}

/// Exact binary16 → binary32 of the upper halves of four lanes, whose lower halves are zero.
inline v128_t f32x4_from_f16(v128_t upper_halves) {
  const v128_t large = with_small_halves(large_f32x4_from_f16(wasm_i32x4_shr(upper_halves, 3)));
  return wasm_f32x4_mul(large, wasm_i32x4_splat(0x07800000));  // 2^-112
}

/// Exact i16 → f32 of four i32 lanes that hold i16 values: added to the bits of 1.5·2^23 they become its lowest bits,
/// and subtracting it leaves the value. Not f32x4.convert_i32x4: after a widening, LLVM 14 splits that into single
/// lanes.
inline v128_t f32x4_from_small_i32x4(v128_t values_i32x4) {
  const v128_t magic = wasm_i32x4_splat(0x4b400000);
  return wasm_f32x4_sub(wasm_i32x4_add(values_i32x4, magic), magic);
}

inline Pair_f32x4 f32x4_from_i16x8(v128_t values_i16x8) {
  return {f32x4_from_small_i32x4(wasm_i32x4_extend_low_i16x8(values_i16x8)),
          f32x4_from_small_i32x4(wasm_i32x4_extend_high_i16x8(values_i16x8))};
}

struct Row_f32 {
  static constexpr Dtype kDtype = Dtype::f32;
  const uint8_t* at;
  Row_f32(const TableView& table, uint32_t r) : at(table.row(r, kDtype)) {}
  Pair_f32x4 load8(size_t d) const { return {wasm_v128_load(at + 4 * d), wasm_v128_load(at + 4 * d + 16)}; }
};

struct Row_f16 {
  static constexpr Dtype kDtype = Dtype::f16;
  const uint8_t* at;
  Row_f16(const TableView& table, uint32_t r) : at(table.row(r, kDtype)) {}
  Pair_f32x4 load8(size_t d) const {
    const v128_t halves = wasm_v128_load(at + 2 * d), zero = wasm_i32x4_splat(0);
    return {f32x4_from_f16(wasm_i16x8_shuffle(zero, halves, 0, 8, 1, 9, 2, 10, 3, 11)),
            f32x4_from_f16(wasm_i16x8_shuffle(zero, halves, 4, 12, 5, 13, 6, 14, 7, 15))};
  }
};

struct Row_bf16 {
  static constexpr Dtype kDtype = Dtype::bf16;
  const uint8_t* at;
  Row_bf16(const TableView& table, uint32_t r) : at(table.row(r, kDtype)) {}
  Pair_f32x4 load8(size_t d) const {
    const v128_t halves = wasm_v128_load(at + 2 * d), zero = wasm_i32x4_splat(0);
    return {wasm_i16x8_shuffle(zero, halves, 0, 8, 1, 9, 2, 10, 3, 11),
            wasm_i16x8_shuffle(zero, halves, 4, 12, 5, 13, 6, 14, 7, 15)};
  }
};

struct Row_i8 {
  static constexpr Dtype kDtype = Dtype::i8;
  const uint8_t* at;
  Row_i8(const TableView& table, uint32_t r) : at(table.row(r, kDtype)) {}
  Pair_f32x4 load8(size_t d) const { return f32x4_from_i16x8(wasm_i16x8_load8x8(at + d)); }
};

struct Row_i4 {
  static constexpr Dtype kDtype = Dtype::i4;
  const uint8_t* at;
  const uint16_t* scales;
  Row_i4(const TableView& table, uint32_t r) : at(table.row(r, kDtype)), scales(table.scales_of(r)) {}
  Pair_f32x4 load8(size_t d) const {
    const uint8_t* bytes = at + d / kBlock * (kBlock / 2) + d % (kBlock / 2);
    const v128_t shifted = wasm_u8x16_shr(wasm_v128_load64_zero(bytes), d % kBlock < kBlock / 2 ? 0 : 4);
    const v128_t q_i16x8 =
        wasm_i16x8_sub(wasm_u16x8_extend_low_u8x16(wasm_v128_and(shifted, wasm_i8x16_splat(15))), wasm_i16x8_splat(8));
    const v128_t scale = wasm_f32x4_splat(float_from_f16(scales[d / kBlock]));
    const Pair_f32x4 q = f32x4_from_i16x8(q_i16x8);
    return {wasm_f32x4_mul(scale, q.low), wasm_f32x4_mul(scale, q.high)};
  }
};

/// 32 numbers in registers.
template <class Row>
inline void load32(const Row& row, size_t d, v128_t out[8]) {
#pragma clang loop unroll(full)
  for (size_t k = 0; k < 4; ++k) {
    const Pair_f32x4 values = row.load8(d + 8 * k);
    out[2 * k] = values.low;
    out[2 * k + 1] = values.high;
  }
}

template <>
inline void load32(const Row_i4& row, size_t d, v128_t out[8]) {
  const v128_t pairs = wasm_v128_load(row.at + d / 2), eight = wasm_i8x16_splat(8);
  const v128_t halves[2] = {wasm_i8x16_sub(wasm_v128_and(pairs, wasm_i8x16_splat(15)), eight),
                            wasm_i8x16_sub(wasm_u8x16_shr(pairs, 4), eight)};
  const v128_t scale = wasm_f32x4_splat(float_from_f16(row.scales[d / kBlock]));
#pragma clang loop unroll(full)
  for (size_t k = 0; k < 4; ++k) {
    const v128_t q_i8x16 = halves[k / 2];
    const Pair_f32x4 q =
        f32x4_from_i16x8(k % 2 ? wasm_i16x8_extend_high_i8x16(q_i8x16) : wasm_i16x8_extend_low_i8x16(q_i8x16));
    out[2 * k] = wasm_f32x4_mul(scale, q.low);
    out[2 * k + 1] = wasm_f32x4_mul(scale, q.high);
  }
}

constexpr float kLarge = 0x1p24f;

/// 32 numbers, each kLarge times too large: a byte at the top of a lane has its sign there, after one instruction where
/// widening takes two, which x64 has one port for.
inline void load32_large(const Row_i8& row, size_t d, v128_t out[8]) {
  const v128_t halves[2] = {wasm_v128_load(row.at + d), wasm_v128_load(row.at + d + 16)};
  const v128_t tops[4] = {wasm_i8x16_const(-1, -1, -1, 0, -1, -1, -1, 1, -1, -1, -1, 2, -1, -1, -1, 3),
                          wasm_i8x16_const(-1, -1, -1, 4, -1, -1, -1, 5, -1, -1, -1, 6, -1, -1, -1, 7),
                          wasm_i8x16_const(-1, -1, -1, 8, -1, -1, -1, 9, -1, -1, -1, 10, -1, -1, -1, 11),
                          wasm_i8x16_const(-1, -1, -1, 12, -1, -1, -1, 13, -1, -1, -1, 14, -1, -1, -1, 15)};
#pragma clang loop unroll(full)
  for (size_t k = 0; k < 8; ++k) out[k] = wasm_f32x4_convert_i32x4(wasm_i8x16_swizzle(halves[k / 4], tops[k % 4]));
}

/// Calls `use` with the row type of a dtype, so that each kernel is written once and compiled once per dtype.
template <class Use>
auto with_row_type(const TableView& table, uint32_t r, Use use) {
  switch (table.dtype) {
    case Dtype::f32:
      return use(Row_f32(table, r));
    case Dtype::f16:
      return use(Row_f16(table, r));
    case Dtype::bf16:
      return use(Row_bf16(table, r));
    case Dtype::i8:
      return use(Row_i8(table, r));
    default:
      return use(Row_i4(table, r));
  }
}

/// Eight numbers of any dtype, and one number: for cases too rare to be compiled once per dtype or at every call.
Pair_f32x4 load8_any(const TableView& table, uint32_t r, size_t d);
float value_at_any(const TableView& table, uint32_t r, size_t d);

}  // namespace wembed
