#include "kernels/small_halves.h"

#include <gtest/gtest.h>

#include "arrays.h"

namespace wembed {
namespace {

class SmallHalves : public testing::TestWithParam<decltype(&small_halves_scalar)> {};
INSTANTIATE_TEST_SUITE_P(Variants, SmallHalves, testing::Values(small_halves_scalar, small_halves_simd128));

TEST_P(SmallHalves, AreZerosAndSubnormals) {
  std::vector<uint16_t> row = {0x0000, 0x3c00, 0x8000, 0x03ff, 0x0400, 0x83ff, 0x8400, 0x7c00,
                               0x7e00, 0x7bff, 0xfbff, 0x0001, 0xfc00, 0x1000, 0x2000, 0x4000};
  std::vector<uint16_t> columns(16 + 8);
  const auto* bytes = reinterpret_cast<const uint8_t*>(row.data());
  ASSERT_EQ(GetParam()(bytes, 16, 16, columns.data()), 5u);
  columns.resize(5);
  EXPECT_EQ(columns, (std::vector<uint16_t>{0, 2, 3, 5, 11}));
  EXPECT_EQ(GetParam()(bytes, 0, 16, columns.data()), 0u);
}

TEST_P(SmallHalves, StopAfterTheLimit) {
  const std::vector<uint16_t> row(64, 1);
  std::vector<uint16_t> columns(3 + 8);
  EXPECT_GT(GetParam()(reinterpret_cast<const uint8_t*>(row.data()), 64, 3, columns.data()), 3u);
}

}  // namespace
}  // namespace wembed
