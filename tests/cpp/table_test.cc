#include "engine/table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "filled_table.h"
#include "variants.h"

namespace wembed {
namespace {

/// A 4 × 3 table of 0, 1, 2, …
std::unique_ptr<Table> small_table(uint32_t vocab = 0, bool weights = false, bool mapping = false) {
  std::unique_ptr<Table> table;
  EXPECT_TRUE(Table::create({0, 4, 3, false, vocab, weights, mapping}, &table).ok());
  float* values = reinterpret_cast<float*>(table->data());
  for (int i = 0; i < 12; ++i) values[i] = static_cast<float>(i);
  return table;
}

TEST(Table, RefusesImpossibleShapes) {
  std::unique_ptr<Table> table;
  EXPECT_EQ(Table::create({99, 4, 3}, &table).code, Code::unsupported);
  EXPECT_EQ(Table::create({0, 4, 0}, &table).code, Code::invalid_argument);
  EXPECT_EQ(Table::create({0, UINT32_MAX, UINT32_MAX}, &table).code, Code::out_of_memory);
  EXPECT_EQ(table, nullptr);
  EXPECT_TRUE(Table::create({0, 0, 3}, &table).ok());
}

TEST(Table, LookupRefusesIdsBeyondItsRowsAndWritesNothing) {
  const auto table = small_table();
  const std::array<uint32_t, 3> ids = {1, 4, 2};
  std::array<float, 9> out;
  out.fill(-1);
  const Status status = table->lookup(ids.data(), 3, out.data());
  EXPECT_EQ(status.code, Code::id_out_of_range);
  EXPECT_EQ(status.value, 4);
  EXPECT_EQ(status.limit, 4);
  EXPECT_EQ(status.index, 1);
  for (const float value : out) EXPECT_EQ(value, -1);
}

TEST(Table, BagRefusesInvalidOffsets) {
  const auto table = small_table();
  const std::array<uint32_t, 2> ids = {1, 2};
  std::array<float, 6> out = {};
  const auto code = [&](std::array<uint32_t, 3> offsets) {
    return table->bag({ids.data(), offsets.data(), 2, BagMode::sum}, 2, out.data()).code;
  };
  EXPECT_EQ(code({0, 1, 2}), Code::ok);
  EXPECT_EQ(code({1, 1, 2}), Code::shape_mismatch);
  EXPECT_EQ(code({0, 2, 1}), Code::shape_mismatch);
  EXPECT_EQ(code({0, 1, 3}), Code::shape_mismatch);
  EXPECT_EQ(code({0, UINT32_MAX, 2}), Code::shape_mismatch);
}

TEST(Table, BagRefusesWeightsWithModesOtherThanSum) {
  const auto table = small_table();
  const uint32_t id = 1;
  const std::array<uint32_t, 2> offsets = {0, 1};
  const float weight = 2;
  std::array<float, 3> out = {};
  EXPECT_EQ(table->bag({&id, offsets.data(), 1, BagMode::mean, &weight}, 1, out.data()).code, Code::invalid_argument);
  EXPECT_EQ(table->bag({&id, offsets.data(), 1, static_cast<BagMode>(9)}, 1, out.data()).code, Code::invalid_argument);
  EXPECT_TRUE(table->bag({&id, offsets.data(), 1, BagMode::sum, &weight}, 1, out.data()).ok());
  EXPECT_EQ(out[0], 6);
}

TEST(Table, SquaredLengthsAreThoseOfTheStoredRows) {
  const auto table = small_table();
  std::array<double, 5> out;
  out.fill(-1);
  EXPECT_TRUE(table->squared_lengths(1, 3, out.data()).ok());
  EXPECT_EQ(out, (std::array<double, 5>{50, 149, 302, -1, -1}));
  EXPECT_TRUE(table->squared_lengths(4, 0, out.data()).ok());
  EXPECT_EQ(table->squared_lengths(2, 3, out.data()).code, Code::shape_mismatch);
  EXPECT_EQ(table->squared_lengths(UINT32_MAX, 2, out.data()).code, Code::shape_mismatch);
  EXPECT_EQ(out[0], 50);

  std::unique_ptr<Table> rounded;
  EXPECT_TRUE(Table::create({static_cast<uint32_t>(Dtype::i8), 4, 3, true}, &rounded).ok());
  EXPECT_TRUE(rounded->store(table->view(), 0).ok());
  EXPECT_TRUE(rounded->squared_lengths(0, 4, out.data()).ok());
  for (uint32_t r = 0; r < 4; ++r) {
    std::array<float, 3> row;
    EXPECT_TRUE(rounded->lookup(&r, 1, row.data()).ok());
    double sum = 0;
    for (const float value : row) sum += static_cast<double>(value) * value;
    EXPECT_NEAR(out[r], sum, 1e-13 * sum) << r;
  }
}

TEST(Table, TokensHaveWeightsAndRows) {
  const auto table = small_table(6, true, true);
  for (uint32_t t = 0; t < 6; ++t) {
    table->token_weights()[t] = static_cast<float>(t);
    table->token_mapping()[t] = t % 4;
  }
  ASSERT_TRUE(table->check_tokens().ok());
  const std::array<uint32_t, 2> ids = {5, 2};
  std::array<float, 6> out;
  ASSERT_TRUE(table->lookup(ids.data(), 2, out.data()).ok());
  EXPECT_EQ(out[0], 15);  // 5 × row 1, which begins with 3
  EXPECT_EQ(out[3], 12);  // 2 × row 2
  const uint32_t beyond = 6;
  EXPECT_EQ(table->lookup(&beyond, 1, out.data()).code, Code::id_out_of_range);
  table->token_mapping()[3] = 4;
  EXPECT_EQ(table->check_tokens().code, Code::id_out_of_range);
}

class TokenTable : public OverVariants {};
INSTANTIATE_OVER_VARIANTS(TokenTable);

TEST_P(TokenTable, BagsAndRowsAreThoseOfWeightedMappedRows) {
  Random random(121);
  const uint32_t rows = 6, dim = 21, vocab = 40;
  for (const Dtype dtype : all_dtypes()) {
    for (const int which : {1, 2, 3}) {  // weights, mapping, both
      const bool weights = which & 1, mapping = which & 2;
      const uint32_t tokens = mapping ? vocab : rows;
      const FilledTable filled = filled_table(dtype, rows, dim, random, tokens, weights, mapping);
      Table& table = *filled.table;
      for (uint32_t t = 0; t < tokens; ++t) {
        if (weights) table.token_weights()[t] = random.number();
        if (mapping) table.token_mapping()[t] = random.below(rows);
      }
      ASSERT_TRUE(table.check_tokens().ok());
      std::vector<uint32_t> ids(70);
      for (uint32_t& id : ids) id = random.below(tokens);
      const std::vector<uint32_t> offsets = {0, 3, 3, 70};
      const auto value = [&](uint32_t id, size_t d) {
        return (weights ? table.token_weights()[id] : 1.0) * filled.value(mapping ? table.token_mapping()[id] : id, d);
      };
      GuardedFloats looked_up(70 * dim, 1);
      ASSERT_TRUE(table.lookup(ids.data(), 70, looked_up.data()).ok());
      for (size_t i = 0; i < 70 * dim; ++i) {
        const double expected = value(ids[i / dim], i % dim);
        ASSERT_NEAR(looked_up[i], expected, std::fabs(expected) * 3e-7 + 1e-44) << int(dtype) << " " << which;
      }
      EXPECT_TRUE(looked_up.intact());
      for (const BagMode mode : {BagMode::sum, BagMode::mean, BagMode::max}) {
        GuardedFloats out(3 * dim, 2);
        ASSERT_TRUE(table.bag({ids.data(), offsets.data(), 3, mode}, 70, out.data()).ok());
        for (size_t i = 0; i < 3 * dim; ++i) {
          double expected = 0, magnitude = 0;
          const size_t begin = offsets[i / dim], end = offsets[i / dim + 1];
          for (size_t j = begin; j < end; ++j) {
            const double x = value(ids[j], i % dim);
            expected = mode == BagMode::max ? (j == begin ? x : std::max(expected, x)) : expected + x;
            magnitude += std::fabs(x);
          }
          if (mode == BagMode::mean && end > begin) expected /= static_cast<double>(end - begin);
          ASSERT_NEAR(out[i], expected, 40 * std::ldexp(magnitude, -24) + 1e-44) << int(dtype) << " " << int(mode);
        }
        EXPECT_TRUE(out.intact());
      }
    }
  }
}

}  // namespace
}  // namespace wembed
