#include <gtest/gtest.h>

#include "arrays.h"
#include "kernels/exp_sum.h"
#include "kernels/first_above.h"
#include "kernels/small_halves.h"

namespace wembed {
namespace {

class FirstAbove : public testing::TestWithParam<decltype(&first_above_scalar)> {};
INSTANTIATE_TEST_SUITE_P(Variants, FirstAbove, testing::Values(first_above_scalar, first_above_simd128));

TEST_P(FirstAbove, FindsEachPlaceFromEachBeginning) {
  for (const size_t n : odd_sizes()) {
    std::vector<float> x(n, 1.0f);
    EXPECT_EQ(GetParam()(x.data(), n, 0, 1.0f), n);
    for (size_t at = 0; at < n; ++at) {
      x[at] = 2;
      for (size_t begin = 0; begin <= n; ++begin) {
        ASSERT_EQ(GetParam()(x.data(), n, begin, 1.0f), begin <= at ? at : n) << n << " " << at << " " << begin;
      }
      x[at] = NAN;  // above nothing
    }
    EXPECT_EQ(GetParam()(x.data(), n, 0, -INFINITY), n);
  }
}

class SmallHalves : public testing::TestWithParam<decltype(&small_halves_scalar)> {};
INSTANTIATE_TEST_SUITE_P(Variants, SmallHalves, testing::Values(small_halves_scalar, small_halves_simd128));

TEST_P(SmallHalves, AreZerosAndSubnormals) {
  std::vector<uint16_t> row = {0x0000, 0x3c00, 0x8000, 0x03ff, 0x0400, 0x83ff, 0x8400, 0x7c00,
                               0x7e00, 0x7bff, 0xfbff, 0x0001, 0xfc00, 0x1000, 0x2000, 0x4000};
  std::vector<uint16_t> columns(16 + 8);
  const auto* bytes = reinterpret_cast<const uint8_t*>(row.data());
  ASSERT_EQ(GetParam()(bytes, 16, 16, columns.data()), 5u);
  columns.resize(5);
  EXPECT_EQ(columns, (std::vector<uint16_t>{0, 2, 3, 5, 11}));
  EXPECT_EQ(GetParam()(bytes, 0, 16, columns.data()), 0u);
}

TEST_P(SmallHalves, StopWhereThereAreTooMany) {
  const std::vector<uint16_t> row(64, 1);
  std::vector<uint16_t> columns(3 + 8);
  EXPECT_GT(GetParam()(reinterpret_cast<const uint8_t*>(row.data()), 64, 3, columns.data()), 3u);
}

class ExpSum : public testing::TestWithParam<decltype(&exp_sum_scalar)> {};
INSTANTIATE_TEST_SUITE_P(Variants, ExpSum, testing::Values(exp_sum_scalar, exp_sum_simd128));

TEST_P(ExpSum, EqualsTheDefinition) {
  for (const float scale : {0.0f, 1e-6f, 0.3f, 1.0f, 20.0f}) {
    Random random(41);
    for (const size_t n : odd_sizes()) {
      std::vector<float> x(n);
      for (float& value : x) value = (random.number() - 1) * 2.1f * scale;  // to -84: all are normal numbers
      double expected = 0;
      for (const float value : x) expected += std::exp(static_cast<double>(value));
      EXPECT_NEAR(GetParam()(x.data(), n, 0) / expected, 1, (2 + n / 16.0) * std::ldexp(1, -23)) << n << " " << scale;
    }
  }
}

TEST_P(ExpSum, EveryTermIsWithinTwoUlp) {
  for (float x = 0; x > -86.9f; x -= 0.0173f) {
    const std::vector<float> one(16, x);
    EXPECT_NEAR(GetParam()(one.data(), 16, 0) / (16 * std::exp(static_cast<double>(x))), 1, 2 * std::ldexp(1, -23))
        << x;
  }
}

TEST_P(ExpSum, EndsOfTheRange) {
  for (const size_t n : {size_t{1}, size_t{16}}) {
    for (const float least : {-87.0f, -200.0f, -3e38f, -INFINITY}) {
      EXPECT_NEAR(GetParam()(std::vector<float>(n, least).data(), n, 0), 0, 2e-37 * n);
    }
    EXPECT_TRUE(std::isnan(GetParam()(std::vector<float>(n, NAN).data(), n, 0)));
    EXPECT_EQ(GetParam()(std::vector<float>(n, 3e38f).data(), n, 3e38f), n);
  }
}

}  // namespace
}  // namespace wembed
