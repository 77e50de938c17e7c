#include "kernels/dot.h"

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

}  // namespace
}  // namespace wembed
