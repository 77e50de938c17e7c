#include "kernels/lookup.h"

#include <gtest/gtest.h>

#include "stored_table.h"

namespace wembed {
namespace {

class Lookup : public testing::TestWithParam<decltype(&lookup_scalar)> {};
INSTANTIATE_TEST_SUITE_P(Variants, Lookup, testing::Values(lookup_scalar, lookup_simd128));

TEST_P(Lookup, EqualsTheStoredValues) {
  Random random(1);
  for (const Dtype dtype : all_dtypes()) {
    for (const size_t dim : odd_sizes()) {
      const StoredTable table = random_table(dtype, 11, static_cast<uint32_t>(dim), dim % 5, random);
      const std::vector<uint32_t> ids = {10, 0, 3, 3, 7};
      GuardedFloats out(ids.size() * dim, dim);
      GetParam()(table.view, ids.data(), ids.size(), out.data());
      for (size_t i = 0; i < ids.size(); ++i) {
        for (size_t d = 0; d < dim; ++d) {
          const float expected = static_cast<float>(table.value(ids[i], d));  // one rounding, as in the contract
          ASSERT_TRUE(same_bits(out[i * dim + d], expected)) << "dtype " << int(dtype) << " dim " << dim << " d " << d;
        }
      }
      EXPECT_TRUE(out.intact());
    }
  }
}

TEST_P(Lookup, NoIdsWriteNothing) {
  Random random(2);
  const StoredTable table = random_table(Dtype::f32, 3, 8, 0, random);
  GuardedFloats out(0, 0);
  GetParam()(table.view, nullptr, 0, out.data());
  EXPECT_TRUE(out.intact());
}

TEST_P(Lookup, ExtremesPassThrough) {
  const std::vector<float>& extremes = extreme_floats();
  const uint32_t dim = static_cast<uint32_t>(extremes.size());
  const TableView table{Dtype::f32, 1, dim, extremes.data(), nullptr, 1.0f};
  const uint32_t id = 0;
  GuardedFloats out(dim, 1);
  GetParam()(table, &id, 1, out.data());
  for (size_t d = 0; d < dim; ++d) EXPECT_TRUE(same_bits(out[d], extremes[d])) << d;
}

TEST_P(Lookup, EveryHalfIsExact) {
  std::vector<uint16_t> halves(65536);
  for (size_t i = 0; i < halves.size(); ++i) halves[i] = static_cast<uint16_t>(i);
  const TableView table{Dtype::f16, 256, 256, halves.data(), nullptr, 1.0f};
  std::vector<uint32_t> ids(256);
  for (uint32_t i = 0; i < 256; ++i) ids[i] = i;
  GuardedFloats out(65536, 3);
  GetParam()(table, ids.data(), ids.size(), out.data());
  for (size_t i = 0; i < halves.size(); ++i) {
    ASSERT_TRUE(same_bits(out[i], static_cast<float>(half_value(halves[i])))) << i;
  }
}

TEST_P(Lookup, EveryBf16IsExact) {
  std::vector<uint16_t> halves(65536);
  for (size_t i = 0; i < halves.size(); ++i) halves[i] = static_cast<uint16_t>(i);
  const TableView table{Dtype::bf16, 256, 256, halves.data(), nullptr, 1.0f};
  std::vector<uint32_t> ids(256);
  for (uint32_t i = 0; i < 256; ++i) ids[i] = i;
  GuardedFloats out(65536, 1);
  GetParam()(table, ids.data(), ids.size(), out.data());
  for (uint32_t i = 0; i < halves.size(); ++i) {
    const uint32_t bits = i << 16;
    float expected;
    std::memcpy(&expected, &bits, sizeof expected);
    ASSERT_TRUE(same_bits(out[i], expected)) << i;
  }
}

}  // namespace
}  // namespace wembed
