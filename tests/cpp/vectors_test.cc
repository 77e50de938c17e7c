#include <gtest/gtest.h>

#include "arrays.h"
#include "kernels/dot.h"
#include "kernels/normalize.h"

namespace wembed {
namespace {

constexpr double kUlp = 1.0 / (1 << 23);

std::vector<float> random_vector(size_t size, Random& random) {
  std::vector<float> values(size);
  for (float& value : values) value = random.number();
  return values;
}

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

TEST_P(Normalize, ZeroRowsStayZeroAndTinyOnesDoNotOverflow) {
  for (const double epsilon : {0.0, 1e-32}) {
    std::vector<float> x(9, 0.0f);
    GetParam()(x.data(), 1, 9, epsilon);
    for (const float value : x) EXPECT_EQ(value, 0.0f);
  }
  std::vector<float> tiny(8, std::numeric_limits<float>::denorm_min());
  GetParam()(tiny.data(), 1, 8, 0);
  for (const float value : tiny) EXPECT_NEAR(value, std::sqrt(1.0 / 8), 1e-6);
}

TEST_P(Normalize, NothingToDo) {
  GetParam()(nullptr, 0, 7, 0);
  GuardedFloats x(0, 0);
  GetParam()(x.data(), 5, 0, 0);
  EXPECT_TRUE(x.intact());
}

class Dot : public testing::TestWithParam<decltype(&dot_scalar)> {};
INSTANTIATE_TEST_SUITE_P(Variants, Dot, testing::Values(dot_scalar, dot_simd128));

TEST_P(Dot, EqualsTheSumInF64) {
  Random random(9);
  for (const size_t dim : odd_sizes()) {
    const std::vector<float> a = random_vector(dim + 1, random), b = random_vector(dim + 3, random);
    double expected = 0;
    for (size_t d = 0; d < dim; ++d) expected += static_cast<double>(a[d + 1]) * b[d + 3];
    EXPECT_NEAR(GetParam()(a.data() + 1, b.data() + 3, dim), expected, kUlp * std::abs(expected) + 1e-12) << dim;
  }
  EXPECT_EQ(GetParam()(nullptr, nullptr, 0), 0.0f);
}

class Cosine : public testing::TestWithParam<decltype(&cosine_scalar)> {};
INSTANTIATE_TEST_SUITE_P(Variants, Cosine, testing::Values(cosine_scalar, cosine_simd128));

TEST_P(Cosine, IsTheAngle) {
  Random random(10);
  for (const size_t dim : odd_sizes()) {
    const std::vector<float> a = random_vector(dim, random), b = random_vector(dim, random);
    double ab = 0, aa = 0, bb = 0;
    for (size_t d = 0; d < dim; ++d) {
      ab += static_cast<double>(a[d]) * b[d];
      aa += static_cast<double>(a[d]) * a[d];
      bb += static_cast<double>(b[d]) * b[d];
    }
    EXPECT_NEAR(GetParam()(a.data(), b.data(), dim), ab / std::sqrt(aa * bb), 4 * kUlp) << dim;
    EXPECT_LE(GetParam()(a.data(), a.data(), dim), 1.0f);
    EXPECT_NEAR(GetParam()(a.data(), a.data(), dim), 1.0f, kUlp);
  }
}

TEST_P(Cosine, Extremes) {
  const std::vector<float> zero(5, 0.0f), one(5, 1.0f), huge(5, 3e38f), tiny(5, 1e-45f), nan(5, NAN);
  EXPECT_EQ(GetParam()(zero.data(), one.data(), 5), 0.0f);
  EXPECT_NEAR(GetParam()(huge.data(), huge.data(), 5), 1.0f, kUlp);
  EXPECT_NEAR(GetParam()(tiny.data(), huge.data(), 5), 1.0f, kUlp);
  EXPECT_TRUE(std::isnan(GetParam()(nan.data(), one.data(), 5)));
}

}  // namespace
}  // namespace wembed
