#include "kernels/squared_length.h"

#include <gtest/gtest.h>

#include <cmath>

#include "arrays.h"

namespace wembed {
namespace {

class SquaredLength : public testing::TestWithParam<decltype(&squared_length_scalar)> {};
INSTANTIATE_TEST_SUITE_P(Variants, SquaredLength, testing::Values(squared_length_scalar, squared_length_simd128));

TEST_P(SquaredLength, IsTheSumOfSquares) {
  Random random(11);
  for (const size_t dim : odd_sizes()) {
    for (size_t misalignment = 0; misalignment < 4; ++misalignment) {
      std::vector<float> values(misalignment + dim);
      for (float& value : values) value = random.number();
      double sum = 0;
      for (size_t d = 0; d < dim; ++d) sum += std::pow(static_cast<double>(values[misalignment + d]), 2);
      EXPECT_NEAR(GetParam()(values.data() + misalignment, dim), sum, 1e-13 * sum) << dim;
    }
  }
  EXPECT_EQ(GetParam()(nullptr, 0), 0);
}

TEST_P(SquaredLength, Extremes) {
  const auto of = [](float value) {
    const std::vector<float> same(9, value);
    return GetParam()(same.data(), same.size());
  };
  EXPECT_EQ(of(0), 0);
  EXPECT_EQ(of(-0.0f), 0);
  const double huge = 3e38f, tiny = 1e-45f;
  EXPECT_NEAR(of(3e38f), 9 * huge * huge, 1e-14 * 9 * huge * huge);
  EXPECT_NEAR(of(1e-45f), 9 * tiny * tiny, 1e-14 * 9 * tiny * tiny);
  EXPECT_EQ(of(-INFINITY), INFINITY);
  EXPECT_TRUE(std::isnan(of(NAN)));
}

class SquaredQuanta : public testing::TestWithParam<decltype(&squared_quanta_scalar)> {};
INSTANTIATE_TEST_SUITE_P(Variants, SquaredQuanta, testing::Values(squared_quanta_scalar, squared_quanta_simd128));

TEST_P(SquaredQuanta, IsTheExactSum) {
  Random random(12);
  for (size_t dim = 0; dim <= 320; dim += 8) {
    for (size_t misalignment = 0; misalignment < 4; ++misalignment) {
      std::vector<int8_t> quanta(misalignment + dim);
      for (int8_t& q : quanta) q = static_cast<int8_t>(random.bits());
      uint64_t sum = 0;
      for (size_t d = misalignment; d < quanta.size(); ++d) sum += static_cast<uint64_t>(quanta[d] * quanta[d]);
      EXPECT_EQ(GetParam()(quanta.data() + misalignment, dim), sum) << dim;
    }
  }
  EXPECT_EQ(GetParam()(nullptr, 0), 0u);
}

TEST_P(SquaredQuanta, TheLargestSum) {
  const std::vector<int8_t> quanta((1 << 17) - 8, -128);
  EXPECT_TRUE(is_summable(quanta.size()));
  EXPECT_FALSE(is_summable(quanta.size() + 8) || is_summable(12));
  EXPECT_EQ(GetParam()(quanta.data(), quanta.size()), (uint32_t{1} << 31) - (8u << 14));
}

}  // namespace
}  // namespace wembed
