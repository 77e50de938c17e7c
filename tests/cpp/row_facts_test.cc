#include "engine/row_facts.h"

#include "filled_table.h"
#include "variants.h"

namespace wembed {
namespace {

class RowFactsTest : public OverVariants {};
INSTANTIATE_OVER_VARIANTS(RowFactsTest);

TEST_P(RowFactsTest, InverseNormsAreOneOverTheNorm) {
  Random random(131);
  for (const Dtype dtype : all_dtypes()) {
    for (const size_t dim : odd_sizes()) {
      const FilledTable table = filled_table(dtype, 5, static_cast<uint32_t>(dim), random);
      RowFacts facts;
      const float* const inverse = facts.inverse_norms(table.table->view());
      for (uint32_t r = 0; r < 5; ++r) {
        const double norm = table.norm(r);
        if (norm > 1e-14 && norm < 1e14)
          ASSERT_NEAR(inverse[r] * norm, 1, 1e-6) << int(dtype) << " " << dim;
        else if (norm < 1e-16 || norm > 1e16)
          ASSERT_EQ(inverse[r], -1) << int(dtype) << " " << norm;
      }
    }
  }
}

TEST_P(RowFactsTest, UnusualRowsAreMarkedAndForgettingRecomputes) {
  std::vector<float> rows = {0, 0, NAN, 1, INFINITY, 1, 3e38f, 3e38f, 1e-30f, 0, 3, 4};
  const TableView view{Dtype::f32, 6, 2, rows.data()};
  RowFacts facts;
  const float* inverse = facts.inverse_norms(view);
  for (uint32_t r = 0; r < 5; ++r) EXPECT_EQ(inverse[r], -1) << r;
  EXPECT_NEAR(inverse[5], 0.2, 1e-7);
  rows[11] = 0;
  EXPECT_NEAR(facts.inverse_norms(view)[5], 0.2, 1e-7);
  facts.forget();
  EXPECT_NEAR(facts.inverse_norms(view)[5], 1 / 3.0, 1e-7);
}

TEST_P(RowFactsTest, SmallHalvesAreFoundRowByRow) {
  std::vector<uint16_t> halves(3 * 64, 0x3c00);
  halves[5] = 1;                                                // row 0: one
  for (size_t d = 0; d < 64; d += 2) halves[128 + d] = 0x8000;  // row 2: too many
  TableView view{Dtype::f16, 3, 64, halves.data()};
  RowFacts facts;
  facts.add_small_halves(&view);
  EXPECT_EQ(view.small_starts[0], 0u);
  ASSERT_EQ(view.small_starts[1], 1u);
  EXPECT_EQ(view.small_columns[0], 5);
  ASSERT_EQ(view.small_starts[2], 1u);
  ASSERT_EQ(view.small_starts[3], 2u);
  EXPECT_EQ(view.small_columns[1], kManySmall);
}

}  // namespace
}  // namespace wembed
