#include "kernels/normalize.h"

#include <gtest/gtest.h>

#include "arrays.h"

namespace wembed {
namespace {

constexpr double kUlp = 1.0 / (1 << 23);

class Normalize : public testing::TestWithParam<decltype(&normalize_scalar)> {};
INSTANTIATE_TEST_SUITE_P(Variants, Normalize, testing::Values(normalize_scalar, normalize_simd128));

TEST_P(Normalize, DividesByTheNorm) {
  Random random(8);
  for (const size_t dim : odd_sizes()) {
    GuardedFloats x(3 * dim, dim);
    std::vector<double> before;
    for (size_t i = 0; i < 3 * dim; ++i) before.push_back(x[i] = random.number() * (i < dim ? 1e-30f : 1e30f));
    GetParam()(x.data(), 3, dim, 1e-32);
    for (size_t i = 0; i < 3; ++i) {
      double sum = 0;
      for (size_t d = 0; d < dim; ++d) sum += before[i * dim + d] * before[i * dim + d];
      for (size_t d = 0; d < dim; ++d) {
        const double expected = before[i * dim + d] / (std::sqrt(sum) + 1e-32);
        ASSERT_NEAR(x[i * dim + d], expected, 2 * kUlp * std::abs(expected)) << dim;
      }
    }
    EXPECT_TRUE(x.intact());
  }
}

TEST_P(Normalize, ZeroRowsStayZeroAndTinyRowsDoNotOverflow) {
  for (const double epsilon : {0.0, 1e-32}) {
    std::vector<float> x(9, 0.0f);
    GetParam()(x.data(), 1, 9, epsilon);
    for (const float value : x) EXPECT_EQ(value, 0.0f);
  }
  std::vector<float> tiny(8, std::numeric_limits<float>::denorm_min());
  GetParam()(tiny.data(), 1, 8, 0);
  for (const float value : tiny) EXPECT_NEAR(value, std::sqrt(1.0 / 8), 1e-6);
}

TEST_P(Normalize, SaysWhetherAllNumbersWereFinite) {
  const float largest = std::numeric_limits<float>::max(), infinity = std::numeric_limits<float>::infinity();
  for (const size_t dim : odd_sizes()) {
    if (dim == 0) continue;
    for (const float value : {1.0f, largest, 0.0f}) {
      std::vector<float> x(3 * dim, value);
      EXPECT_TRUE(GetParam()(x.data(), 3, dim, 1e-32)) << dim;
    }
    for (size_t i = 0; i<3 * dim; i += dim> 4 ? 3 : 1) {
      for (const float value : {infinity, -infinity, std::numeric_limits<float>::quiet_NaN()}) {
        std::vector<float> x(3 * dim, 1);
        x[i] = value;
        EXPECT_FALSE(GetParam()(x.data(), 3, dim, 1e-32)) << dim << " " << i;
      }
    }
  }
  EXPECT_TRUE(GetParam()(nullptr, 0, 7, 0));
}

TEST_P(Normalize, NoRowsWriteNothing) {
  GetParam()(nullptr, 0, 7, 0);
  GuardedFloats x(0, 0);
  GetParam()(x.data(), 5, 0, 0);
  EXPECT_TRUE(x.intact());
}

}  // namespace
}  // namespace wembed
