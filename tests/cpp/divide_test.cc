#include "kernels/divide.h"

#include <gtest/gtest.h>

#include "arrays.h"

namespace wembed {
namespace {

class Divide : public testing::TestWithParam<decltype(&divide_scalar)> {};
INSTANTIATE_TEST_SUITE_P(Variants, Divide, testing::Values(divide_scalar, divide_simd128));

TEST_P(Divide, RoundsEachQuotient) {
  Random random(7);
  for (const size_t n : odd_sizes()) {
    for (const size_t misaligned : {0, 1, 3}) {
      for (const float by : {1.0f, 3.0f, 17.0f, 1e7f}) {
        GuardedFloats x(n, misaligned);
        std::vector<double> expected(n);
        for (size_t i = 0; i < n; ++i) {
          x.data()[i] = i % 7 == 3 ? 3e38f : i % 7 == 5 ? 1e-45f : random.number();
          expected[i] = double{x.data()[i]} / by;  // a quotient rounded to f64 first rounds to the same f32
        }
        GetParam()(x.data(), n, by);
        EXPECT_TRUE(x.intact());
        for (size_t i = 0; i < n; ++i) ASSERT_EQ(x.data()[i], static_cast<float>(expected[i])) << n << " " << i;
      }
    }
  }
}

TEST_P(Divide, KeepsWhatIsNotFinite) {
  float x[5] = {INFINITY, -INFINITY, NAN, 0, 1};
  GetParam()(x, 5, 2);
  EXPECT_EQ(x[0], INFINITY);
  EXPECT_EQ(x[1], -INFINITY);
  EXPECT_TRUE(std::isnan(x[2]));
  EXPECT_EQ(x[3], 0);
  EXPECT_EQ(x[4], 0.5f);
}

}  // namespace
}  // namespace wembed
