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
/// "0.000000" and "-0.00000".
constexpr uint64_t kBegin[] = {0x3030303030302e30, 0x30303030302e302d};

void store(uint8_t* to, uint64_t bytes) { std::memcpy(to, &bytes, 8); }

/// numbers × inverse / 2^bits, rounded down. @param numbers  four below 2^30
v128_t quotients(v128_t numbers, uint32_t inverse, uint32_t bits) {
  const v128_t times = wasm_i32x4_splat(static_cast<int32_t>(inverse));
  return wasm_i32x4_shuffle(wasm_u64x2_shr(wasm_u64x2_extmul_low_u32x4(numbers, times), bits),
                            wasm_u64x2_shr(wasm_u64x2_extmul_high_u32x4(numbers, times), bits), 0, 2, 4, 6);
}

/// The four digits of each of four numbers below 10^4, a byte each, the first in the lowest.
v128_t four_digits(v128_t numbers) {
  const v128_t hundreds = wasm_u32x4_shr(wasm_i32x4_dot_i16x8(numbers, wasm_i32x4_splat(5243)), 19);
  const v128_t rest = wasm_i32x4_sub(numbers, wasm_i32x4_dot_i16x8(hundreds, wasm_i32x4_splat(100)));
  const v128_t pairs = wasm_v128_or(hundreds, wasm_i32x4_shl(rest, 16));
  const v128_t tens = wasm_u16x8_shr(wasm_i16x8_mul(pairs, wasm_i16x8_splat(103)), 10);
  return wasm_i16x8_add(wasm_i16x8_shl(pairs, 8), wasm_i16x8_mul(tens, wasm_i16x8_splat(1 - (10 << 8))));
}

/// Nine digits of each of four numbers.
struct NineDigits {
  v128_t first;      // '0' to '9' in the low byte of each int32
  v128_t others[2];  // eight each, a byte each, the first in the lowest; of numbers 0 and 1, 2 and 3
};

/// @param nine  four whole numbers below 10^9, as int32
NineDigits nine_digits(v128_t nine) {
  // 2^45 / 10^4 and 2^57 / 10^8, rounded up: by so little that no quotient changes.
  const v128_t five = quotients(nine, 3518437209, 45), first = quotients(nine, 1441151881, 57);
  const v128_t last = wasm_i32x4_sub(nine, wasm_i32x4_mul(five, wasm_i32x4_splat(10000)));
  const v128_t high = four_digits(wasm_i32x4_sub(five, wasm_i32x4_dot_i16x8(first, wasm_i32x4_splat(10000))));
  const v128_t low = four_digits(last);
  return {wasm_v128_or(first, wasm_i32x4_splat('0')),
          {wasm_i32x4_shuffle(high, low, 0, 4, 1, 5), wasm_i32x4_shuffle(high, low, 2, 6, 3, 7)}};
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

/// Writes nine digits, of which the first is not 0. @returns how many there are up to the last that is not 0
template <int k>
uint32_t put_nine(uint8_t* to, const NineDigits& nine) {
  const v128_t others = nine.others[k / 2];
  wasm_v128_store8_lane(to, nine.first, 4 * k);
  wasm_v128_store64_lane(to + 1, wasm_v128_or(others, wasm_i8x16_splat('0')), k % 2);
  const uint64_t digits = u64_of<k % 2>(others);
  const int zero_bits = digits ? __builtin_clzll(digits) : 64;  // one instruction
  return 9 - static_cast<uint32_t>(zero_bits) / 8;
}

/// Four numbers from 1e-6 to below 1.
struct SmallFour {
  explicit SmallFour(const float* values) : SmallFour(wasm_v128_load(values)) {}
  explicit SmallFour(v128_t values) : signs(wasm_i32x4_bitmask(values)) {
    const v128_t sizes = wasm_f32x4_abs(values);
    const auto below = [sizes](float limit) { return wasm_f32x4_lt(sizes, wasm_f32x4_splat(limit)); };
    const v128_t minus_zeros = wasm_i32x4_add(
        wasm_i32x4_add(below(kTenth), below(kHundredth)),
        wasm_i32x4_add(below(kThousandth), wasm_i32x4_add(below(kTenThousandth), below(kHundredThousandth))));
    zeros = wasm_i32x4_neg(minus_zeros);
    // Exact, but that one float32 of all, 4.500175055e-5, ends in 6 instead of 5.
    const v128_t low = scaled(sizes, kSmall[u32_of<0>(zeros)], kSmall[u32_of<1>(zeros)]);
    const v128_t high =
        scaled(wasm_i32x4_shuffle(sizes, sizes, 2, 3, 2, 3), kSmall[u32_of<2>(zeros)], kSmall[u32_of<3>(zeros)]);
    nine = nine_digits(wasm_i64x2_shuffle(low, high, 0, 2));
  }

  static v128_t scaled(v128_t two, double scale, double next) {
    const v128_t numbers = wasm_f64x2_mul(wasm_f64x2_promote_low_f32x4(two), wasm_f64x2_make(scale, next));
    return wasm_i32x4_trunc_sat_f64x2_zero(wasm_f64x2_add(numbers, wasm_f64x2_splat(0.5)));
  }

  template <int k>
  uint8_t* put(uint8_t* to) const {
    const uint32_t is_negative = signs >> k & 1;
    store(to, kBegin[is_negative]);
    to += 2 + is_negative + u32_of<k>(zeros);
    to += put_nine<k>(to, nine);
    *to = ',';
    return to + 1;
  }

  uint8_t* put_all(uint8_t* to) const { return put<3>(put<2>(put<1>(put<0>(to)))); }

  static bool are(const float* values) {
    const v128_t sizes = wasm_f32x4_abs(wasm_v128_load(values));
    return wasm_i32x4_all_true(
        wasm_v128_and(wasm_f32x4_ge(sizes, wasm_f32x4_splat(kMillionth)), wasm_f32x4_lt(sizes, wasm_f32x4_splat(1))));
  }

  uint32_t signs;
  v128_t zeros;  // behind the point
  NineDigits nine;
};

/// A number from 1 to below 1e9.
uint8_t* put_large(uint8_t* to, double value) {
  const double size = std::fabs(value);
  *to = '-';
  to += value < 0;
  uint32_t whole = 1;  // digits before the point
  const uint32_t floor = static_cast<uint32_t>(size);
  for (uint32_t power = 10; floor >= power; power *= 10) whole++;
  const NineDigits nine = nine_digits(wasm_i32x4_splat(static_cast<int32_t>(std::floor(size * kLarge[whole] + 0.5))));
  const uint32_t digits = put_nine<0>(to, nine);
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
  if (size >= kMillionth && size < 1) return SmallFour(wasm_f32x4_splat(value)).put<0>(to);
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
    if (n - i >= 4 && SmallFour::are(values + i)) {
      const SmallFour four(values + i);
      i += 4;
      // The digits of two fours at a time: neither waits for the other.
      if (n - i >= 4 && SmallFour::are(values + i)) {
        const SmallFour next(values + i);
        to = next.put_all(four.put_all(to));
        i += 4;
      } else {
        to = four.put_all(to);
      }
      continue;
    }
    uint8_t* const next = put_one(to, values[i]);
    if (!next) break;
    to = next;
    i++;
  }
  return {i, static_cast<uint32_t>(to - begin)};
}

}  // namespace wembed::text
