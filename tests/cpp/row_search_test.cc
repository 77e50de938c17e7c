#include "engine/row_search.h"

#include <algorithm>

#include "engine/products.h"
#include "filled_table.h"
#include "variants.h"

namespace wembed {
namespace {

class RowSearchTest : public OverVariants {
 protected:
  RowSearch search_;
};
INSTANTIATE_OVER_VARIANTS(RowSearchTest);

TEST_P(RowSearchTest, FindsWhatASortOfAllScoresFinds) {
  Random random(61);
  Products products;
  for (const Dtype dtype : all_dtypes()) {
    for (const bool cosine : {false, true}) {
      const uint32_t sizes[3] = {40, 1, 333}, dim = 45, n = 40 + 1 + 300;  // of the last table, not all rows
      const std::vector<float> x = random_numbers(dim, random);
      std::vector<FilledTable> tables;
      std::vector<float> scores, scales(n);
      std::vector<uint8_t> live(n);
      for (uint32_t i = 0; i < n; ++i) {
        scales[i] = cosine ? 3.0f * random.number() : 0.5f;  // cosines are cut at -1 and 1
        live[i] = random.below(5) > 0;
      }
      for (const uint32_t rows : sizes) {
        tables.push_back(filled_table(dtype, rows, dim, random));
        std::vector<float> own(rows);
        ASSERT_TRUE(products.all(*tables.back().table, x.data(), 1, own.data()).ok());
        own.resize(std::min(rows, 300u));
        scores.insert(scores.end(), own.begin(), own.end());
      }
      for (uint32_t i = 0; i < n; ++i) {
        scores[i] *= scales[i];
        if (cosine) scores[i] = std::min(1.0f, std::max(-1.0f, scores[i]));
      }
      for (const uint32_t k : {0u, 1u, 10u, 400u}) {
        std::vector<float> sorted;
        for (uint32_t i = 0; i < n; ++i) {
          if (live[i]) sorted.push_back(scores[i]);
        }
        std::sort(sorted.begin(), sorted.end(), std::greater<>());
        const float least = k == 0 ? INFINITY : k < sorted.size() ? sorted[k - 1] : -INFINITY;
        search_.start(k, cosine);
        uint32_t first = 0;
        for (size_t t = 0; t < 3; ++t) {
          const uint32_t rows = std::min(sizes[t], 300u);
          const Status status =
              search_.take(*tables[t].table, x.data(), rows, scales.data() + first, live.data() + first, first);
          ASSERT_TRUE(status.ok()) << status.what;
          first += rows;
        }
        const Array<Candidate>& found = search_.found();
        size_t at = 0;
        for (uint32_t i = 0; i < n; ++i) {
          if (!live[i] || !(scores[i] >= least)) continue;
          ASSERT_LT(at, found.size()) << int(dtype) << " " << k;
          ASSERT_EQ(found[at].id, i);
          ASSERT_EQ(found[at++].score, scores[i]);
        }
        ASSERT_EQ(found.size(), at);
      }
    }
  }
}

TEST_P(RowSearchTest, LeavesOutNanAndMinusInfinity) {
  const std::unique_ptr<Table> table = table_of({INFINITY, -INFINITY, NAN, 2, -3}, 1);
  const float x = 1;
  const uint8_t live[5] = {1, 1, 1, 1, 1};
  search_.start(9, false);
  ASSERT_TRUE(search_.take(*table, &x, 5, nullptr, live, 7).ok());
  const Array<Candidate>& found = search_.found();
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].id, 7u);
  EXPECT_EQ(found[1].id, 10u);
  EXPECT_EQ(found[2].id, 11u);
}

TEST_P(RowSearchTest, RefusesWhatHasNoScores) {
  Random random(62);
  const FilledTable table = filled_table(Dtype::f32, 4, 3, random);
  const uint8_t live[5] = {1, 1, 1, 1, 1};
  std::vector<float> x = {1, 2, 3};
  search_.start(2, true);
  EXPECT_EQ(search_.take(*table.table, x.data(), 5, nullptr, live, 0).code, Code::shape_mismatch);
  x[1] = NAN;
  EXPECT_EQ(search_.take(*table.table, x.data(), 4, nullptr, live, 0).code, Code::invalid_argument);
  EXPECT_EQ(search_.found().size(), 0u);
}

}  // namespace
}  // namespace wembed
