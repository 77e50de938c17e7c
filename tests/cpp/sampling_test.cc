#include "engine/sampling.h"

#include <map>

#include "arrays.h"
#include "variants.h"

namespace wembed {
namespace {

class Draws : public OverVariants {
 protected:
  /// The fraction of [0, 1) that draws each id.
  static std::map<uint32_t, double> shares(const std::vector<float>& scores, const Sampling& sampling) {
    std::map<uint32_t, double> counts;
    Sampler sampler;
    const int draws = 2000;
    for (int i = 0; i < draws; ++i) {
      std::vector<float> copy = scores;
      ++counts[sampler.draw(copy.data(), static_cast<uint32_t>(copy.size()), sampling, (i + 0.5) / draws)];
    }
    for (auto& [id, count] : counts) count /= draws;
    return counts;
  }
};
INSTANTIATE_OVER_VARIANTS(Draws);

TEST_P(Draws, DrawsByProbability) {
  const std::vector<float> scores = {std::log(0.1f), std::log(0.6f), std::log(0.3f)};
  const auto found = shares(scores, {});
  EXPECT_NEAR(found.at(0), 0.1, 1e-3);
  EXPECT_NEAR(found.at(1), 0.6, 1e-3);
  EXPECT_NEAR(found.at(2), 0.3, 1e-3);
  const auto flatter = shares(scores, {2.0f});
  const double sum = std::sqrt(0.1) + std::sqrt(0.6) + std::sqrt(0.3);
  EXPECT_NEAR(flatter.at(1), std::sqrt(0.6) / sum, 1e-3);
}

TEST_P(Draws, FiltersLeaveTheExpectedTokens) {
  const std::vector<float> scores = {std::log(0.1f), std::log(0.5f), std::log(0.15f), std::log(0.25f)};
  const auto top_k = shares(scores, {1, 2});
  EXPECT_EQ(top_k.size(), 2u);
  EXPECT_NEAR(top_k.at(1), 2 / 3.0, 1e-3);
  const auto top_p = shares(scores, {1, 0, 0.7f});  // 0.5 is not enough, 0.75 is
  EXPECT_EQ(top_p.size(), 2u);
  EXPECT_NEAR(top_p.at(3), 1 / 3.0, 1e-3);
  const auto min_p = shares(scores, {1, 0, 1, 0.29f});
  EXPECT_EQ(min_p.size(), 3u);
  EXPECT_EQ(min_p.count(0), 0u);
  EXPECT_EQ(shares(scores, {1, 0, 1e-6f}).size(), 1u);  // the best token always remains
  EXPECT_EQ(shares(scores, {1, 9, 1, 0}).size(), 4u);   // more than the number of tokens
}

TEST_P(Draws, EqualScoresAreTakenByIdAndTheLastDrawIsInRange) {
  Sampler sampler;
  std::vector<float> flat(1000, 2.0f);
  for (const double u : {0.0, 0.5, 1 - 1e-16}) {
    std::vector<float> copy = flat;
    const uint32_t id = sampler.draw(copy.data(), 1000, {}, u);
    EXPECT_NEAR(id, std::min(999.0, u * 1000), 1);
    copy = flat;
    EXPECT_LT(sampler.draw(copy.data(), 1000, {1, 3}, u), 3u);
  }
}

TEST_P(Draws, ScoresWithoutADistributionDrawNothing) {
  Sampler sampler;
  for (const float bad : {NAN, INFINITY, -INFINITY}) {
    for (const Sampling& sampling : {Sampling{}, Sampling{1, 1}, Sampling{1, 0, 0.5f}}) {
      std::vector<float> scores(5, bad == -INFINITY ? bad : 1.0f);
      scores[3] = bad;
      EXPECT_EQ(sampler.draw(scores.data(), 5, sampling, 0.5), kNoId);
    }
  }
  std::vector<float> some = {-INFINITY, 1, -INFINITY};
  EXPECT_EQ(sampler.draw(some.data(), 3, {}, 0.999), 1u);
}

}  // namespace
}  // namespace wembed
