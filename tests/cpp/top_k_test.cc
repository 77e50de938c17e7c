#include "engine/top_k.h"

#include <algorithm>

#include "arrays.h"
#include "variants.h"

namespace wembed {
namespace {

class TopKTest : public OverVariants {
 protected:
  /// The best k of scores that arrive in strips of `strip`.
  static std::vector<Candidate> best(const std::vector<float>& scores, uint32_t k, uint32_t strip, float* largest) {
    TopK top;
    top.start(1, k);
    *largest = -INFINITY;
    for (uint32_t first = 0; first < scores.size(); first += strip) {
      const uint32_t n = std::min(strip, static_cast<uint32_t>(scores.size()) - first);
      *largest = top.take(0, first, n, scores.data() + first, *largest);
    }
    std::vector<uint32_t> ids(k + 1, 77);
    std::vector<float> values(k + 1, 77);
    top.write(0, ids.data(), values.data());
    EXPECT_EQ(ids[k], 77u);
    std::vector<Candidate> found;
    for (uint32_t j = 0; j < k && ids[j] != kNoId; ++j) found.push_back({values[j], ids[j]});
    return found;
  }
};
INSTANTIATE_OVER_VARIANTS(TopKTest);

TEST_P(TopKTest, EqualsTheStartOfASortByScoreThenId) {
  Random random(71);
  for (const size_t n : {size_t{0}, size_t{1}, size_t{7}, size_t{100}, size_t{1000}}) {
    for (const uint32_t kinds : {1u, 3u, 1000000u}) {  // few distinct scores: many are equal
      std::vector<float> scores(n);
      for (float& score : scores) score = static_cast<float>(random.below(kinds)) - 5;
      for (size_t i = 0; i < n; i += 11) scores[i] = i % 2 ? -INFINITY : INFINITY;
      std::vector<Candidate> sorted;
      for (uint32_t i = 0; i < n; ++i) sorted.push_back({scores[i], i});
      std::stable_sort(sorted.begin(), sorted.end(), [](auto& a, auto& b) { return a.score > b.score; });
      for (const uint32_t k : {0u, 1u, 2u, 10u, 1000u}) {
        for (const uint32_t strip : {1u, 3u, 64u, 1000u}) {
          float largest;
          const std::vector<Candidate> found = best(scores, k, strip, &largest);
          ASSERT_EQ(found.size(), std::min<size_t>(k, n));
          for (size_t j = 0; j < found.size(); ++j) {
            ASSERT_EQ(found[j].id, sorted[j].id) << n << " " << k << " " << strip << " " << j;
            ASSERT_EQ(found[j].score, sorted[j].score);
          }
          if (k && n) ASSERT_EQ(largest, sorted[0].score);
        }
      }
    }
  }
}

TEST_P(TopKTest, LeavesOutNan) {
  for (const uint32_t k : {1u, 3u, 5u, 8u}) {
    for (const uint32_t strip : {1u, 2u, 8u}) {
      float largest;
      const std::vector<Candidate> found = best({NAN, 1, NAN, 3, -INFINITY, NAN, 2, NAN}, k, strip, &largest);
      std::vector<uint32_t> ids;
      for (const Candidate& each : found) ids.push_back(each.id);
      const std::vector<uint32_t> all = {3, 6, 1, 4};
      EXPECT_EQ(ids, std::vector<uint32_t>(all.begin(), all.begin() + std::min(k, 4u)));
      EXPECT_EQ(largest, 3);
    }
  }
}

TEST_P(TopKTest, VectorsHaveSeparateResults) {
  TopK top;
  top.start(3, 2);
  const float rising[] = {1, 2, 3}, falling[] = {3, 2, 1}, flat[] = {0, 0, 0};
  top.take(0, 0, 3, rising, -INFINITY);
  top.take(1, 0, 3, falling, -INFINITY);
  top.take(2, 0, 3, flat, -INFINITY);
  const uint32_t expected[3][2] = {{2, 1}, {0, 1}, {0, 1}};
  for (size_t i = 0; i < 3; ++i) {
    uint32_t ids[2];
    float scores[2];
    top.write(i, ids, scores);
    EXPECT_EQ(ids[0], expected[i][0]);
    EXPECT_EQ(ids[1], expected[i][1]);
  }
}

}  // namespace
}  // namespace wembed
