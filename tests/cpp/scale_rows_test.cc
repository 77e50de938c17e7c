#include "kernels/scale_rows.h"

#include <gtest/gtest.h>

#include "arrays.h"

namespace wembed {
namespace {

class ScaleRows : public testing::TestWithParam<decltype(&scale_rows_scalar)> {};
INSTANTIATE_TEST_SUITE_P(Variants, ScaleRows, testing::Values(scale_rows_scalar, scale_rows_simd128));

TEST_P(ScaleRows, MultipliesEachByItsOwn) {
  Random random(5);
  for (const size_t n : odd_sizes()) {
    for (const size_t misaligned : {0, 1, 3}) {
      GuardedFloats x(n, misaligned), scales(n, 3 - misaligned);
      std::vector<double> expected(n);
      for (size_t i = 0; i < n; ++i) {
        x.data()[i] = i % 7 == 3 ? 3e38f : i % 7 == 5 ? 1e-45f : random.number();
        scales.data()[i] = i % 5 == 2 ? 0.0f : random.number() * 3;
        expected[i] = double{x.data()[i]} * scales.data()[i];  // exact in f64
      }
      GetParam()(x.data(), scales.data(), n);
      EXPECT_TRUE(x.intact() && scales.intact());
      for (size_t i = 0; i < n; ++i) ASSERT_EQ(x.data()[i], static_cast<float>(expected[i])) << n << " " << i;
    }
  }
}

TEST_P(ScaleRows, KeepsWhatIsNotFinite) {
  float x[5] = {INFINITY, -INFINITY, NAN, INFINITY, 1};
  const float scales[5] = {1, 2, 1, 0, INFINITY};
  GetParam()(x, scales, 5);
  EXPECT_EQ(x[0], INFINITY);
  EXPECT_EQ(x[1], -INFINITY);
  EXPECT_TRUE(std::isnan(x[2]) && std::isnan(x[3]));
  EXPECT_EQ(x[4], INFINITY);
}

}  // namespace
}  // namespace wembed
