#include "text/decimal.h"

#include <cstring>

namespace wembed::text {
namespace {

constexpr int kMostDigits = 19, kMostPlaces = 27;  // 10^19 < 2^64, 5^27 < 2^63

bool is_digit(const uint8_t* p, const uint8_t* end) { return p < end && *p >= '0' && *p <= '9'; }

/// 2^-n of a normal number.
double power_of_half(uint32_t n) {
  const uint64_t bits = uint64_t{1023 - n} << 52;
  double value;
  std::memcpy(&value, &bits, 8);
  return value;
}

/// digits / 10^places: 55 bits of the quotient, the last of which says whether anything was left over, are rounded
/// once.
double divide(uint64_t digits, uint32_t places) {
  if (digits == 0) return 0;
  uint64_t divisor = 1;
  for (uint32_t i = 0; i < places; i++) divisor *= 5;
  uint32_t shift = places;
  for (; !(digits >> 63); digits <<= 1) shift++;
  uint64_t quotient = digits / divisor, left = digits % divisor;
  for (; !(quotient >> 54); shift++) {
    left *= 2;
    const uint64_t bit = left >= divisor;
    quotient = quotient << 1 | bit;
    if (bit) left -= divisor;
  }
  return static_cast<double>(quotient | uint64_t{left != 0}) * power_of_half(shift);
}

}  // namespace

bool read_decimal(const uint8_t** at, const uint8_t* end, double* value) {
  const uint8_t* p = *at;
  const bool negative = p < end && *p == '-';
  p += negative;
  if (!is_digit(p, end) || (*p == '0' && is_digit(p + 1, end))) return false;
  uint64_t digits = 0;
  int used = 0, places = 0;
  const auto take = [&] {
    if (digits || *p != '0') used++;
    digits = digits * 10 + (*p++ - '0');
  };
  while (is_digit(p, end) && used < kMostDigits) take();
  if (p < end && *p == '.') {
    const uint8_t* point = ++p;
    while (is_digit(p, end) && used < kMostDigits) take();
    places = static_cast<int>(p - point);
    if (places == 0) return false;
  }
  if (is_digit(p, end)) return false;
  if (p < end && (*p | 32) == 'e') {
    p++;
    const bool less = p < end && *p == '-';
    p += less || (p < end && *p == '+');
    int exponent = 0;
    const uint8_t* first = p;
    while (is_digit(p, end) && exponent < 1000) exponent = exponent * 10 + (*p++ - '0');
    if (p == first || is_digit(p, end)) return false;
    places += less ? exponent : -exponent;
  }
  for (; places < 0 && used < kMostDigits && digits; places++, used++) digits *= 10;
  if (digits == 0) places = 0;
  if (places < 0 || places > kMostPlaces) return false;
  *value = divide(digits, static_cast<uint32_t>(places));
  if (negative) *value = -*value;
  *at = p;
  return true;
}

}  // namespace wembed::text
