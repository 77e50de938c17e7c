#include "engine/softmax.h"

#include "arrays.h"
#include "variants.h"

namespace wembed {
namespace {

class Softmax : public OverVariants {};
INSTANTIATE_OVER_VARIANTS(Softmax);

TEST_P(Softmax, DenominatorIsTheSumForEveryStripSize) {
  Random random(81);
  for (const float size : {0.0f, 1.0f, 30.0f, 1e4f}) {
    std::vector<float> scores(1000);
    for (float& score : scores) score = random.number() * size;
    float max = -INFINITY;
    for (const float score : scores) max = std::max(max, score);
    double sum = 0;
    for (const float score : scores) sum += std::exp(double{score} - max);
    for (const size_t strip : {size_t{1}, size_t{37}, size_t{1000}}) {
      SoftmaxDenominator all;
      for (size_t i = 0; i < scores.size(); i += strip) all.add(scores.data() + i, std::min(strip, scores.size() - i));
      EXPECT_EQ(all.max, max);
      EXPECT_NEAR(all.sum / sum, 1, 1e-4) << size << " " << strip;  // each new largest score rounds the sum so far
      EXPECT_NEAR(all.probability(max), 1 / sum, 1e-4 / sum);
      EXPECT_EQ(all.probability(max - 200), 0);
    }
  }
}

TEST_P(Softmax, TheLargestMayBeGiven) {
  const float scores[] = {1, 5, 2, 5};
  SoftmaxDenominator found, told;
  found.add(scores, 4);
  told.add(scores, 4, 5);
  EXPECT_EQ(found.max, told.max);
  EXPECT_EQ(found.sum, told.sum);
}

TEST_P(Softmax, NoScoresAndScoresWithoutADistribution) {
  SoftmaxDenominator none;
  none.add(nullptr, 0);
  EXPECT_EQ(none.sum, 0);
  for (const float bad : {NAN, INFINITY}) {
    const float scores[] = {1, bad, 2};
    SoftmaxDenominator all;
    all.add(scores, 3);
    EXPECT_FALSE(all.sum > 0) << bad;
  }
  const float least[] = {-INFINITY, 0, -INFINITY};
  SoftmaxDenominator all;
  all.add(least, 3);
  EXPECT_EQ(all.sum, 1);
}

}  // namespace
}  // namespace wembed
