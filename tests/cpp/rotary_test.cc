#include "kernels/rotary.h"

#include <gtest/gtest.h>

#include "arrays.h"

namespace wembed {
namespace {

class Rotary : public testing::TestWithParam<decltype(&rotary_scalar)> {};
INSTANTIATE_TEST_SUITE_P(Variants, Rotary, testing::Values(rotary_scalar, rotary_simd128));

TEST_P(Rotary, RotatesEachPair) {
  Random random(52);
  for (const bool interleaved : {false, true}) {
    for (const uint32_t pairs : {1u, 2u, 3u, 4u, 5u, 8u, 33u, 64u}) {
      const RotaryShape shape{3, 2 * pairs + pairs % 4, pairs, interleaved};
      const size_t n = 2, numbers = n * shape.heads * shape.head_dim;
      std::vector<float> cos(n * pairs), sin(n * pairs);
      for (size_t k = 0; k < cos.size(); ++k) {
        const double angle = 4 * random.number();
        cos[k] = static_cast<float>(std::cos(angle));
        sin[k] = static_cast<float>(std::sin(angle));
      }
      GuardedFloats x(numbers, pairs);
      for (size_t i = 0; i < numbers; ++i) x[i] = random.number();
      const std::vector<float> before(x.data(), x.data() + numbers);
      GetParam()(x.data(), n, shape, cos.data(), sin.data());
      for (size_t head = 0; head < n * shape.heads; ++head) {
        const float* old = &before[head * shape.head_dim];
        const float* turned = x.data() + head * shape.head_dim;
        for (size_t k = 0; k < pairs; ++k) {
          const size_t a = interleaved ? 2 * k : k, b = interleaved ? 2 * k + 1 : k + pairs;
          const double c = cos[head / shape.heads * pairs + k], s = sin[head / shape.heads * pairs + k];
          const double bound = std::ldexp(2 * (std::fabs(old[a]) + std::fabs(old[b])), -24);
          ASSERT_NEAR(turned[a], old[a] * c - old[b] * s, bound);
          ASSERT_NEAR(turned[b], old[b] * c + old[a] * s, bound);
        }
        for (size_t d = 2 * pairs; d < shape.head_dim; ++d) EXPECT_EQ(turned[d], old[d]);
      }
      EXPECT_TRUE(x.intact());
      std::vector<float> defined = before;
      rotary_scalar(defined.data(), n, shape, cos.data(), sin.data());
      for (size_t i = 0; i < numbers; ++i) EXPECT_EQ(x[i], defined[i]);
    }
  }
}

}  // namespace
}  // namespace wembed
