#include "kernels/cosine.h"

#include <gtest/gtest.h>

#include "arrays.h"

namespace wembed {
namespace {

constexpr double kUlp = 1.0 / (1 << 23);

std::vector<float> random_vector(size_t size, Random& random) {
  std::vector<float> values(size);
  for (float& value : values) value = random.number();
  return values;
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
