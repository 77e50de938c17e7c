#include "kernels/logits.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "stored_table.h"

namespace wembed {
namespace {

/// A hidden state in the forms that a dtype needs.
struct State {
  std::vector<float> x, split;
  std::vector<int16_t> q;
  std::vector<int32_t> eights;
  Hidden view;
  explicit State(std::vector<float> values, Dtype dtype = Dtype::f16)
      : x(std::move(values)), q((x.size() + 31) / 32 * 32), eights(q.size() / 8) {
    const bool halves = dtype == Dtype::f16;
    float most = 0;
    for (const float value : x) most = std::max(most, std::fabs(value));
    view.scale = most / 32767;
    const int exponent = halves ? std::min(14, -25 - (most > 0 ? std::ilogb(most) : 0)) : 0;
    view.split_scale = halves ? std::ldexp(1.0f, -112 - exponent) : 1;
    for (size_t d = 0; d < x.size() / 8 * 8; ++d) {
      const size_t places[] = {0, 2, 4, 6, 1, 3, 5, 7};
      split.push_back(std::ldexp(x[d / 8 * 8 + places[d % 8]], exponent));
    }
    for (size_t d = 0; d < x.size(); ++d) {
      const size_t column = d % 32, place = column % 2 * 16 + column / 16 * 8 + column % 16 / 2;
      const size_t at = dtype == Dtype::i4 ? d - column + place : d;
      q[at] = view.scale == 0 ? 0 : static_cast<int16_t>(std::nearbyint(x[d] / view.scale));
      eights[d / 32 * 4 + place % 8 / 2] += 8 * q[at];
    }
    view.x = x.data();
    view.split = split.data();
    view.q = q.data();
    view.eights = eights.data();
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

/// The definition in f64, and the bound given in the header. @param part  the number of partial sums of a row
void expect_logit(const StoredTable& table, uint32_t r, const float* x, float scale, float found, double part) {
  double expected = 0, magnitude = 0, weights = 0;
  for (size_t d = 0; d < table.view.dim; ++d) {
    expected += table.value(r, d) * x[d];
    magnitude += std::fabs(table.value(r, d) * x[d]);
    weights += std::fabs(table.value(r, d));
  }
  const double bound =
      (table.view.dim / part + 8) * std::ldexp(1, -24) * magnitude + scale / 2.0 * weights * 1.001 + 1e-37;
  ASSERT_NEAR(found, expected, bound) << "dtype " << int(table.view.dtype) << " dim " << table.view.dim << " row " << r;
}

bool is_whole(Dtype dtype) { return dtype == Dtype::i8 || dtype == Dtype::i4; }

TEST_P(Logits, EqualsTheDefinition) {
  Random random(31);
  for (const Dtype dtype : all_dtypes()) {
    for (const size_t dim : odd_sizes()) {
      const StoredTable table = random_table(dtype, 11, static_cast<uint32_t>(dim), dim % 3, random);
      const State state(random_state(dim, random, dim % 2 ? 1.0f : 1e6f), dtype);
      for (const size_t n : {size_t{6}, size_t{7}}) {
        GuardedFloats out(n, dim);
        GetParam().one(table.view, state.view, 2, n, out.data());
        for (uint32_t i = 0; i < n; ++i) {
          const float scale = is_whole(dtype) ? state.view.scale : 0;
          expect_logit(table, 2 + i, state.x.data(), scale, out[i], dtype == Dtype::f16 ? 6 : 8);
        }
        EXPECT_TRUE(out.intact());
        GetParam().one(table.view, state.view, 0, 0, out.data());
        EXPECT_TRUE(out.intact());
      }
    }
  }
}

TEST_P(Logits, ARowsScoreDoesNotDependOnTheOthers) {
  Random random(33);
  for (const Dtype dtype : all_dtypes()) {
    const StoredTable table = random_table(dtype, 9, 77, 0, random);
    const State state(random_state(77, random), dtype);
    float all[9], some[4];
    GetParam().one(table.view, state.view, 0, 9, all);
    GetParam().one(table.view, state.view, 3, 4, some);
    for (size_t i = 0; i < 4; ++i) EXPECT_EQ(some[i], all[3 + i]) << "dtype " << int(dtype);
  }
}

TEST_P(Logits, ManyStatesEqualTheDefinition) {
  Random random(32);
  for (const Dtype dtype : all_dtypes()) {
    for (const size_t dim : odd_sizes()) {
      const StoredTable table = random_table(dtype, 11, static_cast<uint32_t>(dim), dim % 3, random);
      for (const size_t count : {size_t{1}, size_t{2}, size_t{5}}) {
        std::vector<State> states;
        std::vector<Hidden> hidden;
        for (size_t j = 0; j < count; ++j) states.emplace_back(random_state(dim, random), dtype);
        for (const State& state : states) hidden.push_back(state.view);
        std::vector<float> rows(5 * ((dim + 31) / 32 * 32));
        GuardedFloats out(count * 10 - 1, dim);
        GetParam().many(table.view, hidden.data(), count, 1, 9, rows.data(), out.data(), 10);
        for (size_t j = 0; j < count; ++j) {
          float alone[9];
          GetParam().one(table.view, hidden[j], 1, 9, alone);
          for (uint32_t i = 0; i < 9; ++i) {
            const float scale = is_whole(dtype) ? hidden[j].scale : 0;
            expect_logit(table, 1 + i, hidden[j].x, scale, out[j * 10 + i], 4);
            if (is_whole(dtype)) EXPECT_EQ(out[j * 10 + i], alone[i]);
          }
        }
        EXPECT_TRUE(out.intact());
      }
    }
  }
}

TEST_P(Logits, LongRowsOfTheLargestQuantaDoNotOverflow) {
  for (const uint32_t dim : {8u, 504u, 512u, 513u, 520u, 2047u, 2048u, 4096u, 8192u, 20001u}) {
    const std::vector<int8_t> row(dim, -128);
    const TableView table{Dtype::i8, 1, dim, row.data(), nullptr, 1.0f};
    const State state(std::vector<float>(dim, -3.0f), Dtype::i8);
    const Hidden twice[] = {state.view, state.view};
    std::vector<float> rows(5 * ((dim + 31) / 32 * 32));
    float out[3] = {};
    GetParam().one(table, state.view, 0, 1, out);
    GetParam().many(table, twice, 2, 0, 1, rows.data(), out + 1, 1);
    for (const float found : out) EXPECT_NEAR(found, 128.0 * 3 * dim, 1e-6 * 128 * 3 * dim);
  }
}

TEST_P(Logits, BlocksOfTheLargestQuantaDoNotOverflow) {
  for (const uint32_t dim : {1u, 31u, 32u, 33u, 256u, 288u, 20001u}) {
    const uint32_t blocks = (dim + 31) / 32;
    for (const uint8_t pair : {uint8_t{0x00}, uint8_t{0xff}}) {  // twice -8, twice 7
      const std::vector<uint8_t> row(16 * blocks, pair);
      for (const uint16_t scale : {uint16_t{0x3c00}, uint16_t{0xb800}, uint16_t{0x0001}}) {  // 1, -½, 2^-24
        const std::vector<uint16_t> scales(blocks, scale);
        TableView table{Dtype::i4, 1, dim, row.data()};
        table.block_scales = scales.data();
        const State state(std::vector<float>(dim, -3.0f), Dtype::i4);
        const Hidden twice[] = {state.view, state.view};
        std::vector<float> rows(5 * 32 * blocks);
        float out[3] = {};
        GetParam().one(table, state.view, 0, 1, out);
        GetParam().many(table, twice, 2, 0, 1, rows.data(), out + 1, 1);
        const double expected = (pair ? 7 : -8) * -3.0 * dim * half_value(scale);
        for (const float found : out) EXPECT_NEAR(found, expected, 1e-5 * std::fabs(expected)) << dim << " " << scale;
      }
    }
  }
}

/// A table of one f16 row, and the columns of its small halves.
struct Halves {
  std::vector<uint16_t> row;
  std::vector<uint32_t> starts = {0, 0};
  std::vector<uint16_t> columns;
  TableView view;
  Halves(std::vector<uint16_t> halves, bool too_many) : row(std::move(halves)) {
    for (size_t d = 0; d < row.size() / 8 * 8; ++d)
      if ((row[d] & 0x7c00) == 0) columns.push_back(static_cast<uint16_t>(d));
    if (too_many) columns = {kManySmall};
    starts[1] = static_cast<uint32_t>(columns.size());
    view = {Dtype::f16, 1, static_cast<uint32_t>(row.size()), row.data()};
    view.small_starts = starts.data();
    view.small_columns = columns.data();
  }
  double product(const std::vector<float>& x, double* magnitude) const {
    double sum = 0;
    for (size_t d = 0; d < row.size(); ++d) {
      sum += half_value(row[d]) * x[d];
      *magnitude += std::fabs(half_value(row[d]) * x[d]);
    }
    return sum;
  }
};

TEST_P(Logits, EveryKindOfHalfIsAdded) {
  std::vector<uint16_t> row(64, 0x3c00);
  const std::vector<uint16_t> halves = {0x0001, 0x03ff, 0x8001, 0x0400, 0x7bff, 0x3c00, 0x8000, 0x0000};
  std::copy(halves.begin(), halves.end(), row.begin() + 8);
  const State state(std::vector<float>(64, 0.5f));
  for (const bool known : {false, true}) {
    Halves table(row, false);
    if (!known) table.view.small_starts = nullptr;
    double magnitude = 0;
    float out = 0;
    GetParam().one(table.view, state.view, 0, 1, &out);
    EXPECT_NEAR(out, table.product(state.x, &magnitude), 20 * std::ldexp(magnitude, -24));
    table.row[20] = 0xfc00;
    GetParam().one(table.view, state.view, 0, 1, &out);
    EXPECT_EQ(out, -INFINITY);
    table.row[21] = 0x7e00;
    GetParam().one(table.view, state.view, 0, 1, &out);
    EXPECT_TRUE(std::isnan(out));
  }
}

TEST_P(Logits, SmallHalvesKeepTheirDigits) {
  // Even if few of a row's numbers are small, and the others weigh little beside them.
  Random random(34);
  for (const float others : {0.0f, 1e-30f, 1e-8f, 1e-6f, 1e-4f, 1.0f}) {
    for (const uint32_t small : {1u, 3u, 100u, 104u}) {
      std::vector<uint16_t> row(104);
      std::vector<float> x(104);
      for (size_t d = 0; d < row.size(); ++d) {
        const bool is_small = d * 37 % 104 < small;
        row[d] = static_cast<uint16_t>(is_small ? random.bits() & 0x83ff : (random.bits() & 0x83ff) | 0x2400);
        x[d] = random.number() * (is_small ? 1 : others);
      }
      const State state(x);
      for (const bool too_many : {false, true}) {
        const Halves table(row, too_many);
        double magnitude = 0;
        const double expected = table.product(state.x, &magnitude);
        float out = 0;
        GetParam().one(table.view, state.view, 0, 1, &out);
        EXPECT_NEAR(out, expected, (104 / 6.0 + 8) * std::ldexp(magnitude, -24)) << others << " " << small;
      }
    }
  }
}

TEST_P(Logits, HalvesTimesStatesOfEveryMagnitude) {
  for (const float size : {3e38f, 1e20f, 1.0f, 1e-20f, 1e-36f}) {
    const State state(std::vector<float>(16, size));
    const Halves table(std::vector<uint16_t>(16, 0x1400), false);  // 2^-10
    float out = 0;
    GetParam().one(table.view, state.view, 0, 1, &out);
    EXPECT_NEAR(out / size, std::ldexp(16.0f, -10), 1e-6);
  }
}

}  // namespace
}  // namespace wembed
