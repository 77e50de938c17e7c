#include "kernels/hadamard.h"

#include <gtest/gtest.h>

#include "arrays.h"

namespace wembed {
namespace {

class Hadamard : public testing::TestWithParam<decltype(&hadamard_scalar)> {};
INSTANTIATE_TEST_SUITE_P(Variants, Hadamard, testing::Values(hadamard_scalar, hadamard_simd128));

TEST_P(Hadamard, EqualsTheDefinition) {
  Random random(6);
  for (const size_t n : {1, 2, 4, 8, 16, 64, 512}) {
    for (const size_t misaligned : {0, 1, 3}) {
      GuardedFloats x(n, misaligned);
      std::vector<double> before(n);
      for (size_t i = 0; i < n; ++i) before[i] = x[i] = random.number() * (i % 5 ? 1.0f : 1e-3f);
      double sizes = 0;
      for (const double each : before) sizes += std::fabs(each);
      GetParam()(x.data(), n);
      EXPECT_TRUE(x.intact());
      for (size_t i = 0; i < n; ++i) {
        double expected = 0;
        for (size_t j = 0; j < n; ++j) expected += __builtin_parityll(i & j) ? -before[j] : before[j];
        ASSERT_NEAR(x[i], expected, std::log2(n) * std::ldexp(sizes, -24)) << n << " " << i;
      }
    }
  }
}

TEST_P(Hadamard, HasTheBitsOfTheScalarVariant) {
  Random random(7);
  for (const size_t n : {1, 2, 4, 32, 256}) {
    std::vector<float> x(n);
    for (float& each : x) each = random.number();
    if (n > 4) {
      for (size_t i = 0; i < extreme_floats().size() && i < n / 4; ++i) x[4 * i] = extreme_floats()[i];
    }
    std::vector<float> expected = x;
    hadamard_scalar(expected.data(), n);
    GetParam()(x.data(), n);
    for (size_t i = 0; i < n; ++i) ASSERT_TRUE(same_bits(x[i], expected[i])) << n << " " << i;
  }
}

}  // namespace
}  // namespace wembed
