#include "text/json_numbers.h"

#include <cmath>
#include <cstring>

#include "kernels/simd128.h"

namespace wembed::text {
namespace {

/// Of nine digits, by how many of a number's digits stand before the point.
constexpr double kLarge[] = {1e9, 1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1e0};
/// By how many zeros follow the point.
constexpr double kSmall[] = {1e9, 1e10, 1e11, 1e12, 1e13, 1e14};
/// The first float32 that are not below 0.1 and so on.
constexpr float kTenth = 0.1f, kHundredth = 0.010000001f, kThousandth = 0.001f, kTenThousandth = 0.000100000005f,
                kHundredThousandth = 0.000010000001f, kMillionth = 0.0000010000001f;
constexpr uint64_t kZeros = 0x3030303030303030;  // '0', eight times

void store(uint8_t* to, uint64_t bytes) { std::memcpy(to, &bytes, 8); }

/// The four digits of each of four numbers below 10^4, a byte each, the first in the lowest.
v128_t four_digits(v128_t numbers) {
  const v128_t hundreds = wasm_u32x4_shr(wasm_i32x4_mul(numbers, wasm_i32x4_splat(5243)), 19);
  const v128_t pairs =  // hundreds | (number - 100 * hundreds) << 16
      wasm_i32x4_add(wasm_i32x4_shl(numbers, 16), wasm_i32x4_mul(hundreds, wasm_i32x4_splat(1 - (100 << 16))));
  const v128_t tens = wasm_u16x8_shr(wasm_i16x8_mul(pairs, wasm_i16x8_splat(103)), 10);
  return wasm_i16x8_add(wasm_i16x8_shl(pairs, 8), wasm_i16x8_mul(tens, wasm_i16x8_splat(1 - (10 << 8))));
}

/// Nine digits of each of two numbers.
struct NineDigits {
  v128_t first;   // in the low byte of each int64
  v128_t others;  // eight each, a byte each, the first in the lowest
};

/// @param nine  two whole numbers below 10^9, as doubles
NineDigits nine_digits(v128_t nine) {
  // A sum with this is rounded to a whole number, which is in its low bits: cheaper than what converts. The nearest
  // whole number to one that is half less is the one below; half of the smallest step more, so that no product lies
  // between two.
  const v128_t integer = wasm_f64x2_splat(0x1.8p52);
  const v128_t first = wasm_f64x2_add(
      wasm_f64x2_add(wasm_f64x2_mul(nine, wasm_f64x2_splat(1e-8)), wasm_f64x2_splat(0.5e-8 - 0.5)), integer);
  const v128_t rest = wasm_f64x2_sub(nine, wasm_f64x2_mul(wasm_f64x2_sub(first, integer), wasm_f64x2_splat(1e8)));
  const v128_t four = wasm_f64x2_add(
      wasm_f64x2_add(wasm_f64x2_mul(rest, wasm_f64x2_splat(1e-4)), wasm_f64x2_splat(0.5e-4 - 0.5)), integer);
  const v128_t last = wasm_f64x2_sub(rest, wasm_f64x2_mul(wasm_f64x2_sub(four, integer), wasm_f64x2_splat(1e4)));
  const v128_t low = wasm_v128_and(four, wasm_i64x2_splat(0xffff));
  return {first, four_digits(wasm_v128_or(low, wasm_i64x2_shl(wasm_f64x2_add(last, integer), 32)))};
}

/// Writes nine digits, of which the first is not 0. @returns how many there are up to the last that is not 0
uint32_t put_nine(uint8_t* to, uint64_t first, uint64_t others) {
  *to = static_cast<uint8_t>('0' + first);  // above its low byte it has only what is cut off here
  store(to + 1, others | kZeros);
  return others ? 9 - static_cast<uint32_t>(__builtin_clzll(others)) / 8 : 1;
}

/// A number from 1e-6 to below 1. @param zeros  behind the point
uint8_t* put_small(uint8_t* to, uint32_t is_negative, uint32_t zeros, uint64_t first, uint64_t others) {
  *to = '-';
  to += is_negative;
  store(to, 0x3030303030302e30);  // 0.000000
  to += 2 + zeros;
  to += put_nine(to, first, others);
  *to = ',';
  return to + 1;
}

/// Lane 0 or 1 of int64.
template <int lane>
uint64_t u64_of(v128_t lanes) {
  return static_cast<uint64_t>(wasm_i64x2_extract_lane(lanes, lane));
}

template <int lane>
uint32_t u32_of(v128_t lanes) {
  return static_cast<uint32_t>(wasm_i32x4_extract_lane(lanes, lane));
}

/// Four numbers from 1e-6 to below 1, or the first of them.
template <bool all>
uint8_t* put_small_ones(uint8_t* to, v128_t values) {
  const v128_t sizes = wasm_f32x4_abs(values);
  const auto below = [sizes](float limit) { return wasm_f32x4_lt(sizes, wasm_f32x4_splat(limit)); };
  const v128_t minus_zeros = wasm_i32x4_add(
      wasm_i32x4_add(below(kTenth), below(kHundredth)),
      wasm_i32x4_add(below(kThousandth), wasm_i32x4_add(below(kTenThousandth), below(kHundredThousandth))));
  const v128_t zeros = wasm_i32x4_neg(minus_zeros);
  const uint32_t z[] = {u32_of<0>(zeros), u32_of<1>(zeros), u32_of<2>(zeros), u32_of<3>(zeros)};
  // Exact, but that one float32 of all, 4.500175055e-5, ends in 6 instead of 5.
  const auto nine = [](v128_t two, double scale, double next) {
    const v128_t scaled = wasm_f64x2_mul(two, wasm_f64x2_make(scale, next));
    return nine_digits(wasm_f64x2_floor(wasm_f64x2_add(scaled, wasm_f64x2_splat(0.5))));
  };
  const uint32_t signs = wasm_i32x4_bitmask(values);
  const NineDigits low = nine(wasm_f64x2_promote_low_f32x4(sizes), kSmall[z[0]], kSmall[z[1]]);
  to = put_small(to, signs & 1, z[0], u64_of<0>(low.first), u64_of<0>(low.others));
  if (!all) return to;
  to = put_small(to, signs >> 1 & 1, z[1], u64_of<1>(low.first), u64_of<1>(low.others));
  const v128_t others = wasm_i32x4_shuffle(sizes, sizes, 2, 3, 2, 3);
  const NineDigits high = nine(wasm_f64x2_promote_low_f32x4(others), kSmall[z[2]], kSmall[z[3]]);
  to = put_small(to, signs >> 2 & 1, z[2], u64_of<0>(high.first), u64_of<0>(high.others));
  return put_small(to, signs >> 3, z[3], u64_of<1>(high.first), u64_of<1>(high.others));
}

/// A number from 1 to below 1e9.
uint8_t* put_large(uint8_t* to, double value) {
  const double size = std::fabs(value);
  *to = '-';
  to += value < 0;
  uint32_t whole = 1;  // digits before the point
  const uint32_t floor = static_cast<uint32_t>(size);
  for (uint32_t power = 10; floor >= power; power *= 10) whole++;
  const NineDigits nine = nine_digits(wasm_f64x2_splat(std::floor(size * kLarge[whole] + 0.5)));
  const uint32_t digits = put_nine(to, u64_of<0>(nine.first), u64_of<0>(nine.others));
  if (digits > whole) {
    uint64_t fraction;
    std::memcpy(&fraction, to + whole, 8);
    to[whole] = '.';
    store(to + whole + 1, fraction);
  }
  to += digits > whole ? digits + 1 : whole;
  *to = ',';
  return to + 1;
}

/// @returns null where it is of neither size, nor 0
uint8_t* put_one(uint8_t* to, float value) {
  const float size = std::fabs(value);
  if (size >= kMillionth && size < 1) return put_small_ones<false>(to, wasm_f32x4_splat(value));
  if (size >= 1 && size < 1e9f) return put_large(to, value);
  if (size != 0) return nullptr;
  to[0] = '0';
  to[1] = ',';
  return to + 2;
}

}  // namespace

WrittenNumbers write_numbers(const float* values, uint32_t n, uint8_t* to) {
  uint8_t* const begin = to;
  uint32_t i = 0;
  while (i < n) {
    if (n - i >= 4) {
      const v128_t four = wasm_v128_load(values + i), sizes = wasm_f32x4_abs(four);
      if (wasm_i32x4_all_true(wasm_v128_and(wasm_f32x4_ge(sizes, wasm_f32x4_splat(kMillionth)),
                                            wasm_f32x4_lt(sizes, wasm_f32x4_splat(1))))) {
        to = put_small_ones<true>(to, four);
        i += 4;
        continue;
      }
    }
    uint8_t* const next = put_one(to, values[i]);
    if (!next) break;
    to = next;
    i++;
  }
  return {i, static_cast<uint32_t>(to - begin)};
}

}  // namespace wembed::text
