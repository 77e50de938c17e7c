#include "train/word_sampler.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "arrays.h"

namespace wembed::train {
namespace {

std::vector<uint32_t> counts_of(size_t words) {
  std::vector<uint32_t> counts;
  for (size_t w = 0; w < words; ++w) counts.push_back(static_cast<uint32_t>(1 + 1000000 / (w + 1)));
  return counts;
}

TEST(WordSampler, DrawsInProportionToThePowerOfTheCounts) {
  for (const uint32_t words : {1u, 2u, 3u, 100u, 5000u}) {
    const std::vector<uint32_t> counts = counts_of(words);
    const WordSampler sampler(counts.data(), words, 0, 0.75);
    EXPECT_FALSE(sampler.leaves_out());
    double total = 0;
    for (const uint32_t count : counts) total += std::pow(count, 0.75);
    std::vector<double> drawn(words);
    constexpr int kDraws = 200000;
    // Numbers at equal distances instead of random ones: every share is right to one draw.
    for (int i = 0; i < kDraws; ++i) drawn[sampler.draw(static_cast<uint32_t>((i + 0.5) / kDraws * 2147483647.0))] += 1;
    for (uint32_t w = 0; w < words; ++w) EXPECT_NEAR(drawn[w], std::pow(counts[w], 0.75) / total * kDraws, 1.5) << w;
    for (const uint32_t random : {0u, 1u, 0x7ffffffeu, 0x7fffffffu, 0x80000000u, 0xffffffffu}) {
      EXPECT_LT(sampler.draw(random), words);
    }
  }
}

TEST(WordSampler, KeepsRareWordsAndLeavesOutFrequentOnes) {
  const std::vector<uint32_t> counts = {90000, 9000, 900, 90, 10};
  const WordSampler sampler(counts.data(), 5, 0.001, 0.75);
  ASSERT_TRUE(sampler.leaves_out());
  const double threshold = 0.001 * 100000;
  for (uint32_t w = 0; w < 5; ++w) {
    const double p = std::min(1.0, (std::sqrt(counts[w] / threshold) + 1) * threshold / counts[w]);
    const double at = p * 4294967295.0;
    EXPECT_TRUE(sampler.keeps(w, static_cast<uint32_t>(at * 0.999)));
    if (p < 1) EXPECT_FALSE(sampler.keeps(w, static_cast<uint32_t>(at * 1.001)));
  }
  EXPECT_TRUE(sampler.keeps(4, 0xffffffff));
}

}  // namespace
}  // namespace wembed::train
