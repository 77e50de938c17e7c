#include "kernels/exp_sum.h"

#include <gtest/gtest.h>

#include "arrays.h"

namespace wembed {
namespace {

class ExpSum : public testing::TestWithParam<decltype(&exp_sum_scalar)> {};
INSTANTIATE_TEST_SUITE_P(Variants, ExpSum, testing::Values(exp_sum_scalar, exp_sum_simd128));

TEST_P(ExpSum, EqualsTheDefinition) {
  for (const float scale : {0.0f, 1e-6f, 0.3f, 1.0f, 20.0f}) {
    Random random(41);
    for (const size_t n : odd_sizes()) {
      std::vector<float> x(n);
      for (float& value : x)
        value = (random.number() - 1) * 2.1f * scale;  // down to -84, where all terms are normal numbers
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
