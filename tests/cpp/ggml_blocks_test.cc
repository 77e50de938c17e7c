#include "kernels/ggml_blocks.h"

#include <gtest/gtest.h>

#include <memory>

#include "engine/table.h"
#include "stored_table.h"
#include "text_golden.h"

namespace wembed {
namespace {

/// As it stands in the file.
struct Header {
  uint32_t type, count, numbers, bytes;
};

/// Blocks of one type, and their numbers according to the gguf package (tools/golden/ggml_blocks.py).
struct Golden : Header {
  std::vector<uint8_t> blocks;
  std::vector<float> values;
};

std::vector<Golden> read_golden() {
  const std::string file = golden::read("tests/golden/ggml_blocks.bin");
  std::vector<Golden> all;
  for (size_t at = 64; at < file.size();) {
    Golden one;
    std::memcpy(static_cast<Header*>(&one), file.data() + at, sizeof(Header));
    one.blocks.resize(size_t{one.count} * one.bytes);
    one.values.resize(size_t{one.count} * one.numbers);
    std::memcpy(one.blocks.data(), file.data() + at + 16, one.blocks.size());
    at += 16 + one.blocks.size();
    std::memcpy(one.values.data(), file.data() + at, 4 * one.values.size());
    at += 4 * one.values.size();
    all.push_back(one);
  }
  return all;
}

std::unique_ptr<Table> table_of(Dtype dtype, uint32_t rows, uint32_t dim) {
  std::unique_ptr<Table> table;
  EXPECT_TRUE(Table::create({static_cast<uint32_t>(dtype), rows, dim, dtype == Dtype::i8}, &table).ok());
  return table;
}

TEST(GgmlBlocks, EqualTheGgufPackageBitForBit) {
  const std::vector<Golden> all = read_golden();
  ASSERT_EQ(all.size(), 11u);
  for (const Golden& one : all) {
    const GgmlBlock block = ggml_block(one.type);
    ASSERT_EQ(block.numbers, one.numbers) << one.type;
    ASSERT_EQ(block.bytes, one.bytes) << one.type;
    for (size_t misalignment = 0; misalignment < 3; ++misalignment) {
      // Exactly the row's bytes, so that a sanitizer sees a read past them.
      const std::unique_ptr<uint8_t[]> row(new uint8_t[one.blocks.size() + misalignment]);
      std::memcpy(row.get() + misalignment, one.blocks.data(), one.blocks.size());
      GuardedFloats out(one.values.size(), misalignment);
      widen_ggml_row(one.type, row.get() + misalignment, static_cast<uint32_t>(out.size()), out.data());
      for (size_t i = 0; i < out.size(); ++i) {
        ASSERT_TRUE(same_bits(out[i], one.values[i])) << one.type << " at " << i << ": " << out[i];
      }
      EXPECT_TRUE(out.intact());
    }
  }
}

TEST(GgmlBlocks, UnknownTypesHaveNoBlockSize) {
  for (const uint32_t type : {0u, 1u, 4u, 5u, 9u, 15u, 16u, 19u, 21u, 30u, 99u, UINT32_MAX}) {
    EXPECT_EQ(ggml_block(type).numbers, 0u) << type;
  }
}

TEST(GgmlBlocks, AreStoredInAnyDtype) {
  for (const Golden& one : read_golden()) {
    // The first two blocks of ordinary numbers, as two rows.
    const uint8_t* source = one.blocks.data() + one.bytes;
    const float* values = one.values.data() + one.numbers;
    const uint32_t dim = one.numbers;
    for (const Dtype dtype : all_dtypes()) {
      const auto expected = table_of(dtype, 2, dim), found = table_of(dtype, 2, dim);
      ASSERT_TRUE(expected->store({Dtype::f32, 2, dim, values}, 0).ok());
      ASSERT_TRUE(found->store_blocks(one.type, source, 1, 0).ok());
      ASSERT_TRUE(found->store_blocks(one.type, source + one.bytes, 1, 1).ok());
      if (dtype == Dtype::i4 && one.type == static_cast<uint32_t>(GgmlType::q4_0)) continue;  // see below
      EXPECT_EQ(std::memcmp(expected->data(), found->data(), 2 * row_bytes(dtype, dim)), 0) << one.type;
    }
  }
}

TEST(GgmlBlocks, Q4_0IsStoredUnchangedAsI4) {
  const Golden one = read_golden()[0];
  ASSERT_EQ(one.type, 2u);
  const auto table = table_of(Dtype::i4, 1, one.count * 32);
  ASSERT_TRUE(table->store_blocks(one.type, one.blocks.data(), 1, 0).ok());
  std::vector<float> out(one.values.size());
  const uint32_t id = 0;
  ASSERT_TRUE(table->lookup(&id, 1, out.data()).ok());
  for (size_t i = 0; i < out.size(); ++i) ASSERT_TRUE(same_bits(out[i], one.values[i])) << i;
}

TEST(GgmlBlocks, AreRefusedIfTheyDoNotFit) {
  const uint8_t blocks[2 * 34] = {};
  const auto table = table_of(Dtype::f16, 2, 32);
  EXPECT_EQ(table->store_blocks(99, blocks, 1, 0).code, Code::unsupported);
  EXPECT_EQ(table->store_blocks(14, blocks, 1, 0).code, Code::unsupported);  // Q6_K has 256 numbers per block
  EXPECT_EQ(table->store_blocks(8, blocks, 2, 1).code, Code::shape_mismatch);
  EXPECT_EQ(table->store_blocks(8, blocks, 1, 3).code, Code::shape_mismatch);
  EXPECT_EQ(table->store_blocks(8, blocks, UINT32_MAX, 1).code, Code::shape_mismatch);
  EXPECT_TRUE(table->store_blocks(8, blocks, 2, 0).ok());
  const uint8_t infinite[34] = {0x00, 0x7c, 1};
  const Status status = table_of(Dtype::i8, 1, 32)->store_blocks(8, infinite, 1, 0);
  EXPECT_EQ(status.code, Code::invalid_argument);
  EXPECT_EQ(status.index, 0);
}

}  // namespace
}  // namespace wembed
