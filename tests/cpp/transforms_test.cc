#include <gtest/gtest.h>

#include "arrays.h"
#include "kernels/layer_norm.h"
#include "kernels/rotary.h"

namespace wembed {
namespace {

class LayerNorm : public testing::TestWithParam<decltype(&layer_norm_scalar)> {};
INSTANTIATE_TEST_SUITE_P(Variants, LayerNorm, testing::Values(layer_norm_scalar, layer_norm_simd128));

TEST_P(LayerNorm, EqualsTheDefinition) {
  Random random(51);
  for (const float offset : {0.0f, 1.0f, -1000.0f}) {
    for (const size_t dim : odd_sizes()) {
      const size_t n = 3;
      std::vector<float> weight(dim), bias(dim);
      for (float& value : weight) value = random.number();
      for (float& value : bias) value = random.number();
      GuardedFloats x(n * dim, dim);
      for (size_t i = 0; i < n * dim; ++i) x[i] = offset + random.number();
      const std::vector<float> before(x.data(), x.data() + n * dim);
      const float epsilon = 1e-5f;
      GetParam()(x.data(), n, dim, weight.data(), bias.data(), epsilon);
      for (size_t i = 0; i < n; ++i) {
        double mean = 0, squares = 0, largest = 0;
        for (size_t d = 0; d < dim; ++d) mean += before[i * dim + d] / static_cast<double>(dim);
        for (size_t d = 0; d < dim; ++d) squares += std::pow(before[i * dim + d] - mean, 2);
        const double deviation = std::sqrt(squares / static_cast<double>(dim) + epsilon);
        for (size_t d = 0; d < dim; ++d)
          largest = std::max(largest, std::fabs(static_cast<double>(before[i * dim + d])));
        for (size_t d = 0; d < dim; ++d) {
          const double normal = (before[i * dim + d] - mean) / deviation;
          const double parts = (dim / 16.0 + 16) * (1 + std::fabs(normal)) + 4 * largest / deviation;
          const double bound = std::ldexp(parts * std::fabs(weight[d]) + 2 * std::fabs(bias[d]), -24);
          ASSERT_NEAR(x[i * dim + d], normal * weight[d] + bias[d], bound) << "dim " << dim << " offset " << offset;
        }
      }
      EXPECT_TRUE(x.intact());
    }
  }
}

TEST_P(LayerNorm, Extremes) {
  const std::vector<float> ones(40, 1.0f), zeros(40, 0.0f);
  std::vector<float> x(40, 3.0f);
  GetParam()(x.data(), 1, 40, ones.data(), ones.data(), 1e-12f);  // no deviation: the bias
  for (const float value : x) EXPECT_EQ(value, 1.0f);
  for (const float bad : {INFINITY, -INFINITY, NAN}) {
    x.assign(40, 3.0f);
    x[17] = bad;
    GetParam()(x.data(), 1, 40, ones.data(), zeros.data(), 1e-12f);
    for (const float value : x) EXPECT_TRUE(std::isnan(value));
  }
  x.assign(3, 7.0f);
  GetParam()(x.data(), 0, 3, ones.data(), zeros.data(), 0);
  EXPECT_EQ(x[0], 7.0f);
}

class Rotary : public testing::TestWithParam<decltype(&rotary_scalar)> {};
INSTANTIATE_TEST_SUITE_P(Variants, Rotary, testing::Values(rotary_scalar, rotary_simd128));

TEST_P(Rotary, TurnsEachPair) {
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
