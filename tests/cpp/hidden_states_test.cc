#include "engine/hidden_states.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "filled_table.h"

namespace wembed {
namespace {

TEST(HiddenStates, NumbersThatAreNotFiniteAreRefusedWithTheirIndex) {
  for (const float bad : {INFINITY, -INFINITY, NAN}) {
    std::vector<float> x(20, 1.0f);
    EXPECT_TRUE(HiddenStates::check_finite(x.data(), 2, 10).ok());
    x[13] = bad;
    const Status status = HiddenStates::check_finite(x.data(), 2, 10);
    EXPECT_EQ(status.code, Code::invalid_argument);
    EXPECT_EQ(status.index, 13);
    EXPECT_TRUE(HiddenStates::check_finite(x.data(), 1, 10).ok());
  }
  EXPECT_TRUE(HiddenStates::check_finite(nullptr, 0, 10).ok());
}

TEST(HiddenStates, SplitIsTheVectorReorderedTimesAPowerOfTwo) {
  Random random(61);
  for (const Dtype dtype : {Dtype::f16, Dtype::bf16}) {
    for (const size_t dim : odd_sizes()) {
      for (const float size : {3e38f, 1.0f, 1e-30f, 0.0f}) {
        const FilledTable table = filled_table(dtype, 1, static_cast<uint32_t>(dim), random);
        const std::vector<float> x = random_numbers(3 * dim, random, size);
        HiddenStates states;
        states.set(table.table->view(), x.data(), 3);
        ASSERT_EQ(states.size(), 3u);
        for (size_t i = 0; i < 3; ++i) {
          const Hidden& form = states.forms()[i];
          EXPECT_EQ(form.x, x.data() + i * dim);
          const double scale = dtype == Dtype::f16 ? std::ldexp(double{form.split_scale}, 112) : 1;
          for (size_t d = 0; d < dim / 8 * 8; ++d) {
            const size_t at = d / 8 * 8 + (d % 2 ? 4 + d % 8 / 2 : d % 8 / 2);
            ASSERT_NEAR(form.split[at] * scale, x[i * dim + d], std::fabs(x[i * dim + d]) * 1e-7 + 1e-44);
            if (dtype == Dtype::f16) ASSERT_LT(std::fabs(form.split[at]), std::ldexp(1, -24));
          }
        }
      }
    }
  }
}

TEST(HiddenStates, QuantaAreWithinHalfAStepAndPaddedWithZeros) {
  Random random(62);
  for (const Dtype dtype : {Dtype::i8, Dtype::i4}) {
    for (const size_t dim : odd_sizes()) {
      const FilledTable table = filled_table(dtype, 1, static_cast<uint32_t>(dim), random);
      std::vector<float> x = random_numbers(2 * dim, random, 1e5f);
      std::fill(x.begin() + dim, x.end(), 0.0f);
      HiddenStates states;
      states.set(table.table->view(), x.data(), 2);
      const Hidden &form = states.forms()[0], &zero = states.forms()[1];
      for (size_t d = 0; d < (dim + 31) / 32 * 32; ++d) {
        const float expected = d < dim ? x[d] : 0;
        const size_t column = d % 32, place = column % 2 * 16 + column / 16 * 8 + column % 16 / 2;
        const size_t at = dtype == Dtype::i4 ? d - column + place : d;
        ASSERT_NEAR(form.q[at] * double{form.scale}, expected, form.scale / 2 * 1.001) << d;
        ASSERT_EQ(zero.q[at], 0);
      }
      for (size_t i = 0; dtype == Dtype::i4 && i < (dim + 31) / 32 * 4; ++i) {
        int32_t eights = 0;
        for (size_t k = 0; k < 8; ++k) eights += 8 * form.q[i / 4 * 32 + k / 2 * 8 + i % 4 * 2 + k % 2];
        ASSERT_EQ(form.eights[i], eights) << i;
        ASSERT_EQ(zero.eights[i], 0);
      }
      EXPECT_EQ(zero.scale, 0);
    }
  }
}

}  // namespace
}  // namespace wembed
