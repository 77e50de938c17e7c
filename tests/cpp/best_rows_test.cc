#include "engine/best_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "arrays.h"

namespace wembed {
namespace {

TEST(BestRows, AreAllThatEqualTheKthHighestOrMore) {
  BestRows best;
  Random random(81);
  for (const uint32_t n : {0u, 1u, 7u, 300u, 5000u}) {
    for (const uint32_t different : {1u, 3u, 1000000u}) {
      std::vector<float> scores(n);
      for (float& each : scores) each = static_cast<float>(random.below(different)) - static_cast<float>(different / 2);
      std::sort(scores.begin(), scores.begin() + n / 2);  // as bad as can be: each is better than those before it
      for (const uint32_t k : {1u, 2u, 10u, n, n + 9}) {
        if (k == 0) continue;
        std::vector<float> sorted = scores;
        std::sort(sorted.begin(), sorted.end(), std::greater<>());
        const float least = k < n ? sorted[k - 1] : -INFINITY;
        best.start(k, -INFINITY);
        for (uint32_t i = 0; i < n; ++i) {
          if (scores[i] > best.limit()) best.add(scores[i], i);
        }
        const Array<Candidate>& found = best.found();
        size_t at = 0;
        for (uint32_t i = 0; i < n; ++i) {
          if (scores[i] < least) continue;
          ASSERT_LT(at, found.size()) << n << " " << different << " " << k;
          ASSERT_EQ(found[at].id, i);
          ASSERT_EQ(found[at++].score, scores[i]);
        }
        ASSERT_EQ(found.size(), at);
      }
    }
  }
}

TEST(BestRows, TheLimitIsJustBelowTheKthHighest) {
  BestRows best;
  for (const float score : {1.0f, -1.0f, 0.0f, 1e-45f, -1e-45f, 3e38f, INFINITY}) {
    best.start(1, -INFINITY);
    EXPECT_EQ(best.limit(), -INFINITY);
    best.add(score, 0);
    EXPECT_LT(best.limit(), score);
    EXPECT_EQ(best.limit(), std::nextafter(score, -INFINITY)) << score;
  }
  best.start(1, -1);
  best.add(-1, 0);
  EXPECT_EQ(best.limit(), -INFINITY);  // there is nothing below the lowest score that should be left out
}

}  // namespace
}  // namespace wembed
