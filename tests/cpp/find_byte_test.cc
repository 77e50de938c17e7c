#include "text/find_byte.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace wembed::text {
namespace {

class FindByteTest : public testing::TestWithParam<FindByte> {};
INSTANTIATE_TEST_SUITE_P(Variants, FindByteTest, testing::Values(find_byte_scalar, find_byte_simd128));

TEST_P(FindByteTest, FindsTheFirstFromEveryPlaceAndNoneBeyondTheEnd) {
  for (const uint8_t byte : {0x00, 0x3C, 0x80, 0xFF}) {
    const auto other = static_cast<uint8_t>(byte ^ 0x80);
    for (size_t size = 0; size <= 100; ++size) {
      std::vector<uint8_t> text(size + 40, byte);  // what comes after the end must not be found
      std::fill_n(text.begin(), size, other);
      for (size_t at = 0; at <= size; ++at) EXPECT_EQ(GetParam()(text.data(), at, size, byte), size);
      for (size_t place = 0; place < size; ++place) {
        text[place] = byte;
        for (size_t at = 0; at <= size; ++at)
          ASSERT_EQ(GetParam()(text.data(), at, size, byte), at <= place ? place : size) << size << " " << at;
        text[place] = other;
      }
    }
  }
}

}  // namespace
}  // namespace wembed::text
