#include "engine/products.h"

#include <algorithm>

#include "filled_table.h"
#include "variants.h"

namespace wembed {
namespace {

struct Found {
  Status status;
  std::vector<uint32_t> ids;
  std::vector<float> scores;
};

class ProductsTest : public OverVariants {
 protected:
  std::vector<float> all(Table& table, const std::vector<float>& x) {
    const size_t n = x.size() / table.dim();
    GuardedFloats out(n * table.view().rows, 1);
    const Status status = products_.all(table, x.data(), n, out.data());
    EXPECT_TRUE(status.ok()) << status.what;
    EXPECT_TRUE(out.intact());
    return {out.data(), out.data() + out.size()};
  }

  Found nearest(Table& table, const std::vector<float>& x, uint32_t k, Metric metric) {
    const size_t n = x.size() / table.dim();
    GuardedFloats scores(n * k, 1);
    std::vector<uint32_t> ids(n * k + 1, 77);
    const Status status = products_.nearest(table, x.data(), n, k, metric, ids.data(), scores.data());
    EXPECT_TRUE(scores.intact());
    EXPECT_EQ(ids.back(), 77u);
    ids.pop_back();
    return {status, ids, {scores.data(), scores.data() + scores.size()}};
  }

  Products products_;
};
INSTANTIATE_OVER_VARIANTS(ProductsTest);

double cosine_of(const FilledTable& table, uint32_t row, const float* x) {
  double ab = 0, bb = 0;
  for (size_t d = 0; d < table.stored.view.dim; ++d) {
    ab += table.value(row, d) * x[d];
    bb += double{x[d]} * x[d];
  }
  return ab == 0 ? 0 : ab / (table.norm(row) * std::sqrt(bb));
}

TEST_P(ProductsTest, AllEqualTheDefinition) {
  Random random(91);
  for (const Dtype dtype : all_dtypes()) {
    for (const uint32_t dim : {1u, 8u, 33u, 100u}) {
      const FilledTable table = filled_table(dtype, 21, dim, random);
      for (const size_t n : {size_t{0}, size_t{1}, size_t{2}, size_t{66}}) {
        const std::vector<float> x = random_numbers(n * dim, random);
        const std::vector<float> found = all(*table.table, x);
        for (size_t i = 0; i < n * 21; ++i) {
          const float* const of = x.data() + i / 21 * dim;
          const uint32_t row = static_cast<uint32_t>(i % 21);
          double expected = 0, magnitude = 0, weights = 0, largest = 0;
          for (size_t d = 0; d < dim; ++d) {
            expected += table.value(row, d) * of[d];
            magnitude += std::fabs(table.value(row, d) * of[d]);
            weights += std::fabs(table.value(row, d));
            largest = std::max(largest, std::fabs(double{of[d]}));
          }
          const bool whole = dtype == Dtype::i8 || dtype == Dtype::i4;
          const double rounding = whole ? largest / 32767 / 2 * weights * 1.001 : 0;
          ASSERT_NEAR(found[i], expected, (dim / 4.0 + 8) * std::ldexp(magnitude, -24) + rounding + 1e-37)
              << int(dtype) << " " << dim << " " << n << " " << i;
        }
      }
    }
  }
}

TEST_P(ProductsTest, SomeRowsHaveTheScoresThatAllHave) {
  Random random(97);
  for (const Dtype dtype : all_dtypes()) {
    const FilledTable table = filled_table(dtype, 21, 45, random);
    const std::vector<float> x = random_numbers(45, random), expected = all(*table.table, x);
    const std::vector<uint32_t> ids = {20, 0, 7, 7, 13};
    for (size_t n = 0; n <= ids.size(); ++n) {
      GuardedFloats out(n, 1);
      ASSERT_TRUE(products_.some(*table.table, ids.data(), n, x.data(), out.data()).ok());
      EXPECT_TRUE(out.intact());
      for (size_t i = 0; i < n; ++i) ASSERT_EQ(out.data()[i], expected[ids[i]]) << int(dtype) << " " << i;
    }
  }
}

TEST_P(ProductsTest, SomeRowsAreChecked) {
  Random random(98);
  const FilledTable table = filled_table(Dtype::f32, 4, 3, random);
  std::vector<float> x = {1, 2, 3};
  float out[2] = {5, 5};
  const uint32_t ids[2] = {3, 4};
  const Status status = products_.some(*table.table, ids, 2, x.data(), out);
  EXPECT_EQ(status.code, Code::id_out_of_range);
  EXPECT_EQ(status.index, 1);
  x[1] = NAN;
  EXPECT_EQ(products_.some(*table.table, ids, 1, x.data(), out).code, Code::invalid_argument);
  EXPECT_EQ(out[0], 5);
}

TEST_P(ProductsTest, NearestByDotAreTheHighestScores) {
  Random random(92);
  for (const Dtype dtype : all_dtypes()) {
    const uint32_t rows = dtype == Dtype::f32 ? 33000 : 3000, dim = 9;  // more than two strips
    const FilledTable table = filled_table(dtype, rows, dim, random);
    for (const size_t n : {size_t{1}, size_t{3}, size_t{64}, size_t{65}}) {
      const std::vector<float> x = random_numbers(n * dim, random);
      const Found found = nearest(*table.table, x, 17, Metric::dot);
      ASSERT_TRUE(found.status.ok());
      for (size_t i = 0; i < n; i += 31) {
        const size_t group = i / 64 * 64,
                     in_group = std::min<size_t>(64, n - group);  // vectors in one pass over the table
        const std::vector<float> scores =
            all(*table.table, {x.begin() + group * dim, x.begin() + (group + in_group) * dim});
        const float* const own = scores.data() + (i - group) * rows;
        std::vector<uint32_t> order(rows);
        for (uint32_t r = 0; r < rows; ++r) order[r] = r;
        std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return own[a] > own[b]; });
        for (size_t j = 0; j < 17; ++j) {
          ASSERT_EQ(found.ids[i * 17 + j], order[j]) << int(dtype) << " " << n << " " << i << " " << j;
          ASSERT_EQ(found.scores[i * 17 + j], own[order[j]]);
        }
      }
    }
  }
}

TEST_P(ProductsTest, NearestByCosineAreTheSmallestAngles) {
  Random random(93);
  for (const Dtype dtype : all_dtypes()) {
    const FilledTable table = filled_table(dtype, 300, 45, random);
    for (const float size : {1e-30f, 1.0f, 1e30f}) {
      const std::vector<float> x = random_numbers(2 * 45, random, size);
      const Found found = nearest(*table.table, x, 300, Metric::cosine);
      ASSERT_TRUE(found.status.ok()) << found.status.what;
      const double bound = dtype == Dtype::i8 || dtype == Dtype::i4 ? 2e-4 : 2e-6;
      for (size_t j = 0; j < 600; ++j) {
        ASSERT_NEAR(found.scores[j], cosine_of(table, found.ids[j], x.data() + j / 300 * 45), bound) << int(dtype);
        ASSERT_LE(std::fabs(found.scores[j]), 1);
        if (j % 300 == 0) continue;
        const bool ordered = found.scores[j - 1] > found.scores[j] ||
                             (found.scores[j - 1] == found.scores[j] && found.ids[j - 1] < found.ids[j]);
        ASSERT_TRUE(ordered) << j;
      }
    }
  }
}

TEST_P(ProductsTest, CosinesOfRowsOfEverySize) {
  const std::vector<float> sizes = {3e38f, 1e25f, 1, 1e-25f, 1e-45f, 0, -2};
  std::vector<float> values;
  for (const float size : sizes) values.insert(values.end(), {size, 0, 0, size / 2, size / 4});
  const std::unique_ptr<Table> table = table_of(values, 5);
  const Found found = nearest(*table, {3e38f, 0, 0, 1.5e38f, 0.75e38f}, 7, Metric::cosine);
  ASSERT_TRUE(found.status.ok());
  for (size_t j = 0; j < 7; ++j) {
    const double expected = found.ids[j] == 5 ? 0 : found.ids[j] == 6 ? -1 : 1;
    // Half of the smallest number is 0: the direction of that row changes.
    if (found.ids[j] != 4) EXPECT_NEAR(found.scores[j], expected, 2e-7) << found.ids[j];
  }
  const Found zero = nearest(*table, {0, 0, 0, 0, 0}, 3, Metric::cosine);
  EXPECT_EQ(zero.ids, (std::vector<uint32_t>{0, 1, 2}));
  EXPECT_EQ(zero.scores, (std::vector<float>{0, 0, 0}));
}

TEST_P(ProductsTest, RowsWithoutAScoreAreLeftOut) {
  std::vector<float> values(6 * 4, 1.0f);
  values[4 * 1 + 2] = NAN;
  values[4 * 3] = INFINITY;
  values[4 * 4] = -INFINITY;
  const std::unique_ptr<Table> table = table_of(values, 4);
  const std::vector<float> x = {1, 1, 1, 1};
  const Found dot = nearest(*table, x, 6, Metric::dot);
  EXPECT_EQ(dot.ids, (std::vector<uint32_t>{3, 0, 2, 5, 4, kNoId}));
  EXPECT_EQ(dot.scores[0], INFINITY);
  const Found cosine = nearest(*table, x, 6, Metric::cosine);
  EXPECT_EQ(cosine.ids, (std::vector<uint32_t>{0, 2, 5, kNoId, kNoId, kNoId}));
}

TEST_P(ProductsTest, EqualScoresAreInTheOrderOfTheirRows) {
  std::vector<float> values;
  for (uint32_t r = 0; r < 40000; ++r) values.insert(values.end(), {r % 2 ? 2.0f : 1.0f, r % 2 ? 4.0f : 2.0f});
  const std::unique_ptr<Table> table = table_of(values, 2);
  EXPECT_EQ(nearest(*table, {1, 1}, 4, Metric::dot).ids, (std::vector<uint32_t>{1, 3, 5, 7}));
  EXPECT_EQ(nearest(*table, {1, 1}, 4, Metric::cosine).ids, (std::vector<uint32_t>{0, 1, 2, 3}));
}

TEST_P(ProductsTest, NormsAreRecomputedAfterAWrite) {
  Random random(94);
  for (const Dtype dtype : all_dtypes()) {
    const FilledTable filled = filled_table(dtype, 3, 32, random);
    Table& table = *filled.table;
    const std::vector<float> x(32, 1.0f);
    const auto best = [&] { return nearest(table, x, 1, Metric::cosine); };
    best();
    const auto source = table_of(std::vector<float>(32, 5.0f), 32);
    ASSERT_TRUE(table.store(source->view(), 2).ok());
    EXPECT_EQ(best().ids[0], 2u);
    EXPECT_NEAR(best().scores[0], 1, 1e-3) << int(dtype);
    if (dtype == Dtype::i8) {  // a row of zeros, by its scale
      table.row_scales()[2] = 0;
      EXPECT_NE(best().ids[0], 2u);
    }
    if (dtype == Dtype::i4) {
      table.block_scales()[2] = 0;
      EXPECT_NE(best().ids[0], 2u);
    }
    if (dtype == Dtype::f32) {
      std::memcpy(table.data() + 32 * 4 * 2, std::vector<float>(32, -1.0f).data(), 32 * 4);
      EXPECT_NEAR(nearest(table, x, 3, Metric::cosine).scores[2], -1, 1e-6);
    }
  }
}

TEST_P(ProductsTest, BadArgumentsAreRefused) {
  Random random(95);
  const FilledTable table = filled_table(Dtype::f32, 4, 3, random);
  EXPECT_EQ(nearest(*table.table, {1, NAN, 1}, 1, Metric::dot).status.code, Code::invalid_argument);
  EXPECT_EQ(nearest(*table.table, {1, 1, 1}, 1, static_cast<Metric>(2)).status.code, Code::invalid_argument);
  EXPECT_TRUE(nearest(*table.table, {1, 1, 1}, 0, Metric::cosine).status.ok());
  EXPECT_TRUE(nearest(*table.table, {}, 3, Metric::cosine).status.ok());
  EXPECT_EQ(nearest(*table.table, {1, 1, 1}, 6, Metric::dot).ids[4], kNoId);
  const FilledTable tokens = filled_table(Dtype::f32, 4, 3, random, 6, false, true);
  EXPECT_EQ(nearest(*tokens.table, {1, 1, 1}, 1, Metric::dot).status.code, Code::unsupported);
  const FilledTable none = filled_table(Dtype::f32, 0, 3, random);
  EXPECT_EQ(nearest(*none.table, {1, 1, 1}, 2, Metric::cosine).ids, (std::vector<uint32_t>{kNoId, kNoId}));
}

}  // namespace
}  // namespace wembed
