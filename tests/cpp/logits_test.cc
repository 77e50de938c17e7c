#include "kernels/logits.h"

#include <gtest/gtest.h>

#include "stored_table.h"

namespace wembed {
namespace {

/// A hidden state in all its forms.
struct State {
  std::vector<float> x, large;
  std::vector<int16_t> q;
  Hidden view;
  explicit State(std::vector<float> values) : x(std::move(values)), q((x.size() + 31) / 32 * 32) {
    float most = 0;
    for (const float value : x) most = std::max(most, std::fabs(value));
    view.scale = most / static_cast<float>(largest_hidden_quantum(static_cast<uint32_t>(x.size())));
    view.large_factor = most >= 16384 ? std::ldexp(1.0f, std::ilogb(most) - 13) : 1;
    for (size_t d = 0; d < x.size(); ++d) {
      large.push_back(x[d] / view.large_factor * std::ldexp(1.0f, 112));
      q[d] = view.scale == 0 ? 0 : static_cast<int16_t>(std::nearbyint(x[d] / view.scale));
    }
    view.x = x.data();
    view.large = large.data();
    view.q = q.data();
  }
};

struct Variant {
  decltype(&logits_scalar) one;
  decltype(&logits_many_scalar) many;
};

class Logits : public testing::TestWithParam<Variant> {};
INSTANTIATE_TEST_SUITE_P(Variants, Logits,
                         testing::Values(Variant{logits_scalar, logits_many_scalar},
                                         Variant{logits_simd128, logits_many_simd128}));

std::vector<float> random_state(size_t dim, Random& random, float size = 1) {
  std::vector<float> x(dim);
  for (float& value : x) value = random.number() * size;
  return x;
}

/// The definition in f64, and the bound the header gives.
void expect_logit(const StoredTable& table, uint32_t r, const float* x, float scale, float found) {
  double expected = 0, magnitude = 0, weights = 0;
  for (size_t d = 0; d < table.view.dim; ++d) {
    expected += table.value(r, d) * x[d];
    magnitude += std::fabs(table.value(r, d) * x[d]);
    weights += std::fabs(table.value(r, d));
  }
  const double bound =
      (table.view.dim / 16.0 + 8) * std::ldexp(1, -24) * magnitude + scale / 2.0 * weights * 1.001 + 1e-37;
  ASSERT_NEAR(found, expected, bound) << "dtype " << int(table.view.dtype) << " dim " << table.view.dim << " row " << r;
}

TEST_P(Logits, EqualsTheDefinition) {
  Random random(31);
  for (const Dtype dtype : all_dtypes()) {
    for (const size_t dim : odd_sizes()) {
      const StoredTable table = random_table(dtype, 11, static_cast<uint32_t>(dim), dim % 3, random);
      const State state(random_state(dim, random, dim % 2 ? 1.0f : 1e6f));
      GuardedFloats out(7, dim);
      GetParam().one(table.view, state.view, 2, 7, out.data());
      const bool whole = dtype == Dtype::i8 || dtype == Dtype::i4;
      for (uint32_t i = 0; i < 7; ++i) expect_logit(table, 2 + i, state.x.data(), whole ? state.view.scale : 0, out[i]);
      EXPECT_TRUE(out.intact());
      GetParam().one(table.view, state.view, 0, 0, out.data());
      EXPECT_TRUE(out.intact());
    }
  }
}

TEST_P(Logits, ManyEqualTheDefinition) {
  Random random(32);
  for (const Dtype dtype : all_dtypes()) {
    for (const size_t dim : odd_sizes()) {
      const StoredTable table = random_table(dtype, 11, static_cast<uint32_t>(dim), dim % 3, random);
      for (const size_t states : {size_t{1}, size_t{2}, size_t{5}}) {
        const std::vector<float> hidden = random_state(dim * states, random);
        std::vector<float> rows(4 * dim);
        GuardedFloats out(states * 10 - 1, dim);
        GetParam().many(table.view, hidden.data(), states, 1, 9, rows.data(), out.data(), 10);
        for (size_t j = 0; j < states; ++j)
          for (uint32_t i = 0; i < 9; ++i) expect_logit(table, 1 + i, &hidden[j * dim], 0, out[j * 10 + i]);
        EXPECT_TRUE(out.intact());
      }
    }
  }
}

TEST_P(Logits, LongRowsOfTheLargestQuantaDoNotOverflow) {
  for (const uint32_t dim : {8192u, 20000u}) {
    const std::vector<int8_t> row(dim, -128);
    const TableView table{Dtype::i8, 1, dim, row.data(), nullptr, 1.0f};
    const State state(std::vector<float>(dim, 3.0f));
    float out = 0;
    GetParam().one(table, state.view, 0, 1, &out);
    EXPECT_NEAR(out, -128.0 * 3 * dim, 1e-4 * 128 * 3 * dim);
  }
}

TEST_P(Logits, HalvesOfEveryKindCount) {
  // Subnormal, infinite and NaN halves take another way than the normal ones.
  const std::vector<uint16_t> halves = {0x0001, 0x03ff, 0x8001, 0x0400, 0x7bff, 0x3c00, 0x8000, 0x0000};
  std::vector<uint16_t> row(64, 0x3c00);
  std::copy(halves.begin(), halves.end(), row.begin() + 8);
  double expected = 56;
  for (const uint16_t half : halves) expected += half_value(half);
  const State ones(std::vector<float>(64, 1.0f));
  float out = 0;
  const TableView table{Dtype::f16, 1, 64, row.data(), nullptr, 1.0f};
  GetParam().one(table, ones.view, 0, 1, &out);
  EXPECT_NEAR(out, expected, 0.01);
  row[20] = 0x7c00;
  GetParam().one(table, ones.view, 0, 1, &out);
  EXPECT_EQ(out, INFINITY);
  row[21] = 0x7e00;
  GetParam().one(table, ones.view, 0, 1, &out);
  EXPECT_TRUE(std::isnan(out));
}

}  // namespace
}  // namespace wembed
