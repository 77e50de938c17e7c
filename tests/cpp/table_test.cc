#include "engine/table.h"

#include <gtest/gtest.h>

#include <array>

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

TEST(Table, RefusesShapesThatCannotBe) {
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

TEST(Table, BagRefusesOffsetsThatAreNoIndex) {
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

TEST(Table, BagRefusesWeightsThatTheModeDoesNotTake) {
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

}  // namespace
}  // namespace wembed
