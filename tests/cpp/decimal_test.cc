#include "text/decimal.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <random>
#include <string>

namespace wembed::text {
namespace {

/// The number and, as a sign of how far was read, what is left; NaN where none was read.
double read(const std::string& text, size_t* left = nullptr) {
  const auto* p = reinterpret_cast<const uint8_t*>(text.data());
  const auto* end = p + text.size();
  double value = NAN;
  if (!read_decimal(&p, end, &value)) return NAN;
  if (left) *left = static_cast<size_t>(end - p);
  return value;
}

TEST(Decimal, IsTheNearestDouble) {
  for (const char* text : {"0", "-0.0", "1", "-1.5", "0.1", "3.4657359027997265", "-13.210150718688965", "1e5", "1E+2",
                           "9007199254740993", "9007199254740992.5", "0.000001", "1e-7", "1234567890123456789", "5e-27",
                           "9999999999999999999", "-0.0000000000000000000001", "1.0000000000000002220446049"}) {
    const double value = read(text);
    if (std::string(text).size() > 24) continue;  // more digits than are read
    EXPECT_EQ(value, std::strtod(text, nullptr)) << text;
    EXPECT_EQ(std::signbit(value), text[0] == '-') << text;
  }
  std::mt19937_64 random(1);
  for (int i = 0; i < 200000; i++) {
    std::string digits = std::to_string(random() >> random() % 64);
    if (digits.size() > 19) digits.resize(19);
    const size_t point = random() % (digits.size() + 1);
    std::string text = point ? digits.substr(0, point) : "0";
    while (text.size() > 1 && text[0] == '0') text.erase(0, 1);
    if (point < digits.size()) text += "." + digits.substr(point);
    const int exponent = int(random() % 8);
    if (random() % 2) text += "e-" + std::to_string(exponent);
    EXPECT_EQ(read(text), std::strtod(text.c_str(), nullptr)) << text;
  }
}

TEST(Decimal, LeavesWhatIsUnusual) {
  for (const char* text : {"", "-", "+1", ".5", "1.", "01", "-01", "1e", "1e+", "e5", "x", "12345678901234567890",
                           "0.00000000000000000000000000001", "1e300", "1e-300", "1e99999999999", "NaN", "Infinity"})
    EXPECT_TRUE(std::isnan(read(text))) << text;
  size_t left = 0;
  EXPECT_EQ(read("1.5,2", &left), 1.5);
  EXPECT_EQ(left, 2u);
}

}  // namespace
}  // namespace wembed::text
