#include "train/logistic_step.h"

#include <gtest/gtest.h>

#include "arrays.h"

namespace wembed::train {
namespace {

/// Rows whose products with x lie where the table of the logistic function reaches.
struct Case {
  Case(size_t n, size_t dim, size_t misalignment) : x(dim, misalignment), change(dim, misalignment + 1) {
    Random random(n * 1000 + dim);
    for (size_t d = 0; d < dim; ++d) x[d] = random.number();
    for (size_t d = 0; d < dim; ++d) change[d] = random.number();
    for (size_t k = 0; k < n; ++k) {
      values.emplace_back(dim, misalignment + k);
      for (size_t d = 0; d < dim; ++d) values[k][d] = random.number() / 4;
      labels.push_back(static_cast<float>(k % 2));
    }
    for (GuardedFloats& row : values) rows.push_back(row.data());
  }
  GuardedFloats x, change;
  std::vector<GuardedFloats> values;
  std::vector<float*> rows;
  std::vector<float> labels;
};

class LogisticStep : public testing::TestWithParam<decltype(&logistic_step_scalar)> {};
INSTANTIATE_TEST_SUITE_P(Variants, LogisticStep, testing::Values(logistic_step_scalar, logistic_step_simd128));

TEST_P(LogisticStep, EqualsTheFormulaInF64) {
  const SigmoidTable sigmoid;
  for (const size_t n : {0, 1, 2, 3, 5, 6, 7, 12, 20}) {
    for (const size_t dim : {4, 8, 20, 100, 300}) {
      Case given(n, dim, n), expected(n, dim, n);
      const double loss = GetParam()(sigmoid, given.x.data(), given.rows.data(), given.labels.data(), n, dim, 0.1f,
                                     given.change.data());
      double expected_loss = 0;
      std::vector<double> change(dim);
      for (size_t d = 0; d < dim; ++d) change[d] = expected.change[d];
      for (size_t k = 0; k < n; ++k) {
        double dot = 0;
        for (size_t d = 0; d < dim; ++d) dot += static_cast<double>(expected.x[d]) * expected.rows[k][d];
        ASSERT_LT(std::abs(dot), kMostDot);
        const double label = expected.labels[k], p = 1 / (1 + std::exp(-dot));
        expected_loss -= std::log(label > 0 ? p : 1 - p);
        for (size_t d = 0; d < dim; ++d) {
          change[d] += 0.1 * (label - p) * expected.rows[k][d];
          // The table's steps: half of 1/83, a slope of at most 1/4, and its scale, which is off by 0.4 %.
          const double row = expected.rows[k][d] + 0.1 * (label - p) * expected.x[d];
          EXPECT_NEAR(given.rows[k][d], row, 0.1 * 0.012) << n << " " << dim;
        }
        EXPECT_TRUE(given.values[k].intact());
      }
      for (size_t d = 0; d < dim; ++d)
        EXPECT_NEAR(given.change[d], change[d], 0.1 * 0.012 * (n + 1)) << n << " " << dim;
      EXPECT_NEAR(loss, expected_loss, 0.05 * (n + 1));
      EXPECT_TRUE(given.change.intact() && given.x.intact());
    }
  }
}

TEST(LogisticStepVariants, GiveTheSameBits) {
  const SigmoidTable sigmoid;
  for (const size_t n : {1, 4, 6, 11}) {
    Case a(n, 52, 1), b(n, 52, 2);
    const double one =
        logistic_step_scalar(sigmoid, a.x.data(), a.rows.data(), a.labels.data(), n, 52, 0.3f, a.change.data());
    const double two =
        logistic_step_simd128(sigmoid, b.x.data(), b.rows.data(), b.labels.data(), n, 52, 0.3f, b.change.data());
    EXPECT_EQ(one, two);
    for (size_t d = 0; d < 52; ++d) {
      EXPECT_EQ(a.change[d], b.change[d]);
      for (size_t k = 0; k < n; ++k) EXPECT_EQ(a.rows[k][d], b.rows[k][d]);
    }
  }
}

TEST_P(LogisticStep, NothingIsLearntBeyondTheTable) {
  const SigmoidTable sigmoid;
  float x[] = {3, 0, 0, 0}, up[] = {3, 1, 1, 1}, down[] = {-3, 1, 1, 1}, change[4] = {};
  float* rows[] = {up, down};
  const float labels[] = {1, 1};
  const double loss = GetParam()(sigmoid, x, rows, labels, 2, 4, 1, change);
  EXPECT_EQ(loss, 9);  // the second row's product is -9, and it should be high
  EXPECT_EQ(up[0], 3);
  EXPECT_EQ(down[0], -3);
  EXPECT_EQ(change[0], 0);
}

TEST_P(LogisticStep, Extremes) {
  const SigmoidTable sigmoid;
  for (const float value : extreme_floats()) {
    float x[] = {value, 1, 1, 1}, row[] = {1, 0, 0, 0}, change[4] = {};
    float* rows[] = {row};
    const float label = 1;
    const double loss = GetParam()(sigmoid, x, rows, &label, 1, 4, 0.1f, change);
    EXPECT_EQ(std::isnan(loss), std::isnan(value)) << value;
  }
}

struct Pair {
  decltype(&add_scaled_scalar) add_scaled;
  decltype(&scale_scalar) scale;
};
class AddScaled : public testing::TestWithParam<Pair> {};
INSTANTIATE_TEST_SUITE_P(Variants, AddScaled,
                         testing::Values(Pair{add_scaled_scalar, scale_scalar},
                                         Pair{add_scaled_simd128, scale_simd128}));

TEST_P(AddScaled, AddsAndScales) {
  Random random(4);
  for (const size_t dim : {0, 4, 8, 36}) {
    GuardedFloats x(dim, 1), y(dim, 2);
    for (size_t d = 0; d < dim; ++d) x[d] = random.number();
    for (size_t d = 0; d < dim; ++d) y[d] = 1;
    GetParam().add_scaled(y.data(), x.data(), 0.5f, dim);
    for (size_t d = 0; d < dim; ++d) EXPECT_EQ(y[d], 1 + 0.5f * x[d]);
    GetParam().scale(y.data(), 2, dim);
    for (size_t d = 0; d < dim; ++d) EXPECT_EQ(y[d], 2 * (1 + 0.5f * x[d]));
    EXPECT_TRUE(x.intact() && y.intact());
  }
}

}  // namespace
}  // namespace wembed::train
