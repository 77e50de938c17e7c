#include "train/softmax_loss.h"

#include <gtest/gtest.h>

#include "arrays.h"

namespace wembed::train {
namespace {

TEST(SoftmaxLoss, EqualsTheFormulaInF64) {
  Random random(3);
  for (const size_t n : {0, 1, 5}) {
    for (const size_t m : {1, 2, 9, 100}) {
      GuardedFloats scores(n * m, 1);
      for (size_t i = 0; i < n * m; ++i) scores[i] = random.number() * 20;
      std::vector<uint32_t> targets;
      for (size_t i = 0; i < n; ++i) targets.push_back(random.below(static_cast<uint32_t>(m)));
      double expected = 0;
      std::vector<double> gradient(n * m);
      for (size_t i = 0; i < n; ++i) {
        double sum = 0;
        for (size_t j = 0; j < m; ++j) sum += std::exp(static_cast<double>(scores[i * m + j]));
        for (size_t j = 0; j < m; ++j) {
          gradient[i * m + j] = 0.5 * (std::exp(static_cast<double>(scores[i * m + j])) / sum - (j == targets[i]));
        }
        expected += std::log(sum) - scores[i * m + targets[i]];
      }
      EXPECT_NEAR(softmax_loss(scores.data(), targets.data(), n, m, 0.5f), expected, 1e-5 * (n + 1));
      for (size_t i = 0; i < n * m; ++i) EXPECT_NEAR(scores[i], gradient[i], 1e-6);
      EXPECT_TRUE(scores.intact());
    }
  }
}

TEST(SoftmaxLoss, LargeScoresDoNotOverflow) {
  float scores[] = {1e30f, -1e30f, 1e30f};
  const uint32_t target = 0;
  EXPECT_NEAR(softmax_loss(scores, &target, 1, 3, 1), std::log(2.0), 1e-6);
  EXPECT_EQ(scores[0], -0.5f);
  EXPECT_EQ(scores[1], 0);
}

}  // namespace
}  // namespace wembed::train
