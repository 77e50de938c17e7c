#include "kernels/layer_norm.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "arrays.h"

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
  GetParam()(x.data(), 1, 40, ones.data(), ones.data(), 1e-12f);  // zero deviation: the result is the bias
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

}  // namespace
}  // namespace wembed
