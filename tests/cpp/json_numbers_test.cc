#include "text/json_numbers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "arrays.h"

namespace wembed::text {
namespace {

/// What is written of numbers, from memory of exactly the size, so that sanitizers see an access beyond it.
struct Result {
  uint32_t count;
  std::string json;
};

Result written(const std::vector<float>& values) {
  const std::vector<float> exact(values);
  std::vector<uint8_t> to(values.size() * kNumberRoom + 1, 0xEE);
  const WrittenNumbers result = write_numbers(exact.data(), static_cast<uint32_t>(exact.size()), to.data());
  EXPECT_EQ(to.back(), 0xEE);
  return {result.count, std::string(to.begin(), to.begin() + result.bytes)};
}

/// Nine digits of a number, in whole numbers: rounded to the nearest, the middle up.
std::string nine_digits(float value) {
  const double size = std::fabs(static_cast<double>(value));
  int exponent;
  const auto mantissa = static_cast<unsigned __int128>(std::ldexp(std::frexp(size, &exponent), 24));
  exponent -= 24;
  int whole = 1;  // digits before the point; 0 and less: zeros behind it
  while (size >= std::pow(10.0, whole)) whole++;
  while (size < std::pow(10.0, whole - 1)) whole--;
  unsigned __int128 up = 2 * mantissa, down = 2;
  for (int i = 0; i < 9 - whole; i++) up *= 10;
  if (exponent > 0) up <<= exponent;
  if (exponent < 0) down <<= -exponent;
  std::string digits = std::to_string(static_cast<uint64_t>((up + down / 2) / down));
  EXPECT_EQ(digits.size(), 9U) << value;
  digits.insert(0, whole > 0 ? 0 : static_cast<size_t>(-whole), '0');
  std::string fraction = digits.substr(whole > 0 ? static_cast<size_t>(whole) : 0);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  const std::string integer = whole > 0 ? digits.substr(0, static_cast<size_t>(whole)) : "0";
  return (value < 0 ? "-" : "") + integer + (fraction.empty() ? "" : "." + fraction) + ",";
}

float from_bits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}

uint32_t bits_of(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  return bits;
}

TEST(JsonNumbers, WritesNineDigitsWithoutZerosAtTheEnd) {
  EXPECT_EQ(written({0.5f, -0.25f, 0, -0.0f, 1, -16777216, 123456.789f, 0.0625f, 0.1f}).json,
            "0.5,-0.25,0,0,1,-16777216,123456.789,0.0625,0.100000001,");
  EXPECT_EQ(written({}).json, "");
}

TEST(JsonNumbers, EndsBeforeTheFirstNumberOfAnotherSize) {
  const float inf = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const float other : {1e9f, -1e9f, 9.9e-7f, -9.9e-7f, 1e-45f, 3e38f, inf, -inf, nan, 1e-6f}) {
    for (uint32_t at = 0; at < 6; at++) {
      std::vector<float> values(6, 0.5f);
      values[at] = other;
      const Result result = written(values);
      EXPECT_EQ(result.count, at);
      EXPECT_EQ(result.json.size(), 4 * at);
    }
  }
}

TEST(JsonNumbers, IsExactAtEveryLimitAndAtNumbersOfEveryExponent) {
  std::vector<float> values;
  for (const double limit : {1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9}) {
    const uint32_t bits = bits_of(static_cast<float>(limit));
    for (uint32_t near = bits - 40; near <= bits + 40; near++) values.push_back(from_bits(near));
  }
  Random random(1);
  const uint32_t least = bits_of(1e-6f), most = bits_of(1e9f);
  for (int i = 0; i < 100000; i++) values.push_back(from_bits(least + random.below(most - least)));
  for (size_t i = 0; i < values.size(); i += 3) values[i] = -values[i];
  for (size_t i = 0; i < values.size(); i++) {
    // Four of a kind, and the number among others of other sizes.
    const float value = values[i];
    const bool is_written = std::fabs(value) >= 1e-6 && std::fabs(value) < 1e9;
    const std::string expected = is_written ? nine_digits(value) : "";
    ASSERT_EQ(written({value}).json, expected) << value;
    if (!is_written) continue;
    ASSERT_EQ(written({value, 0.5f, value, -0.125f}).json, expected + "0.5," + expected + "-0.125,");
    ASSERT_EQ(written({-0.5f, value, 0.75f, value}).json, "-0.5," + expected + "0.75," + expected);
  }
}

}  // namespace
}  // namespace wembed::text
