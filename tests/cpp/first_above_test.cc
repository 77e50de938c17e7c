#include "kernels/first_above.h"

#include <gtest/gtest.h>

#include "arrays.h"

namespace wembed {
namespace {

class FirstAbove : public testing::TestWithParam<decltype(&first_above_scalar)> {};
INSTANTIATE_TEST_SUITE_P(Variants, FirstAbove, testing::Values(first_above_scalar, first_above_simd128));

TEST_P(FirstAbove, FindsEveryIndexFromEveryStart) {
  for (const size_t n : odd_sizes()) {
    std::vector<float> x(n, 1.0f);
    EXPECT_EQ(GetParam()(x.data(), n, 0, 1.0f), n);
    for (size_t at = 0; at < n; ++at) {
      x[at] = 2;
      for (size_t begin = 0; begin <= n; ++begin) {
        ASSERT_EQ(GetParam()(x.data(), n, begin, 1.0f), begin <= at ? at : n) << n << " " << at << " " << begin;
      }
      x[at] = NAN;  // not above any limit
    }
    EXPECT_EQ(GetParam()(x.data(), n, 0, -INFINITY), n);
  }
}

}  // namespace
}  // namespace wembed
