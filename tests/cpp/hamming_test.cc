#include "kernels/hamming.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace wembed {
namespace {

class Hamming : public testing::TestWithParam<decltype(&hamming_scalar)> {};
INSTANTIATE_TEST_SUITE_P(Variants, Hamming, testing::Values(hamming_scalar, hamming_simd128));

constexpr uint32_t kSentinel = 0xdeadbeef;

/// Bit by bit.
uint32_t differing(const uint8_t* a, const uint8_t* b, size_t bytes) {
  uint32_t count = 0;
  for (size_t i = 0; i < 8 * bytes; ++i) count += ((a[i / 8] ^ b[i / 8]) >> (i % 8)) & 1;
  return count;
}

TEST_P(Hamming, CountsTheBitsThatDiffer) {
  std::mt19937 random(3);
  for (const size_t bytes : {0, 16, 32, 48, 480, 496, 512, 1008, 8192}) {
    for (const size_t n : {0, 1, 2, 7}) {
      for (const size_t misaligned : {0, 1, 5}) {
        std::vector<uint8_t> rows(misaligned + n * bytes), x(misaligned + bytes);
        for (uint8_t& each : rows) each = static_cast<uint8_t>(random());
        for (uint8_t& each : x) each = static_cast<uint8_t>(random());
        std::vector<uint32_t> out(n + 1, kSentinel);
        GetParam()(rows.data() + misaligned, x.data() + misaligned, n, bytes, out.data());
        for (size_t r = 0; r < n; ++r) {
          ASSERT_EQ(out[r], differing(rows.data() + misaligned + r * bytes, x.data() + misaligned, bytes));
        }
        ASSERT_EQ(out[n], kSentinel);
      }
    }
  }
}

TEST_P(Hamming, AllBitsAndNone) {
  for (const size_t bytes : {16, 496, 512, 65536}) {  // more registers than a byte can count
    const std::vector<uint8_t> ones(bytes, 0xff), zeros(bytes, 0);
    uint32_t out = kSentinel;
    GetParam()(ones.data(), zeros.data(), 1, bytes, &out);
    EXPECT_EQ(out, 8 * bytes);
    GetParam()(ones.data(), ones.data(), 1, bytes, &out);
    EXPECT_EQ(out, 0u);
  }
}

}  // namespace
}  // namespace wembed
