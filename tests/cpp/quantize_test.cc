#include "kernels/quantize.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "kernels/quantize_one.h"
#include "stored_table.h"

namespace wembed {
namespace {

/// One row in a dtype, between sentinels.
struct Stored {
  std::vector<uint8_t> bytes;
  std::vector<uint16_t> block_scales;
  float row_scale = -1;
  uint32_t dim;
  RowOut out;

  Stored(Dtype dtype, uint32_t width)
      : bytes(row_bytes(dtype, width) + 17, 0xA5), block_scales(blocks_per_row(width) + 1, 0x5A5A), dim(width) {
    out = {dtype, bytes.data() + 1, &row_scale, block_scales.data()};
  }
  bool intact() const {
    for (size_t i = 1 + row_bytes(out.dtype, dim); i < bytes.size(); ++i)
      if (bytes[i] != 0xA5) return false;
    return bytes[0] == 0xA5 && block_scales.back() == 0x5A5A;
  }
  double value(uint32_t d) const {
    uint16_t half;
    std::memcpy(&half, out.data + 2 * (out.dtype == Dtype::f16 || out.dtype == Dtype::bf16 ? d : 0), 2);
    if (out.dtype == Dtype::f16) return half_value(half);
    if (out.dtype == Dtype::bf16) return float_from_bits(uint32_t{half} << 16);
    if (out.dtype == Dtype::i8) return double{row_scale} * static_cast<int8_t>(out.data[d]);
    if (out.dtype == Dtype::f32) {
      float x;
      std::memcpy(&x, out.data + 4 * d, 4);
      return x;
    }
    const uint8_t byte = out.data[d / 32 * 16 + d % 16];
    return half_value(block_scales[d / 32]) * ((d % 32 < 16 ? byte & 15 : byte >> 4) - 8);
  }
  /// The distance between neighbouring quanta at d.
  double step(uint32_t d, double x) const {
    if (out.dtype == Dtype::f32) return 0;
    if (out.dtype == Dtype::f16) return std::max(std::ldexp(1, -24), std::fabs(x) * std::ldexp(1, -10));
    if (out.dtype == Dtype::bf16) return std::max(std::ldexp(1, -133), std::fabs(x) * std::ldexp(1, -7));
    if (out.dtype == Dtype::i8) return row_scale * (1 + 1e-6);
    return 2 * std::fabs(half_value(block_scales[d / 32]));
  }
};

class Quantize : public testing::TestWithParam<decltype(&quantize_scalar)> {};
INSTANTIATE_TEST_SUITE_P(Variants, Quantize, testing::Values(quantize_scalar, quantize_simd128));

TEST_P(Quantize, StaysWithinHalfAStep) {
  Random random(21);
  for (const Dtype dtype : all_dtypes()) {
    for (const size_t dim : odd_sizes()) {
      GuardedFloats row(dim, dim);
      for (size_t d = 0; d < dim; ++d) row[d] = random.number() * std::ldexp(1.0f, static_cast<int>(random.below(6)));
      Stored stored(dtype, static_cast<uint32_t>(dim));
      ASSERT_TRUE(GetParam()(row.data(), stored.dim, stored.out));
      EXPECT_TRUE(stored.intact()) << int(dtype) << " " << dim;
      for (uint32_t d = 0; d < dim; ++d)
        ASSERT_LE(std::fabs(stored.value(d) - row[d]), stored.step(d, row[d]) / 2)
            << int(dtype) << " dim " << dim << " d " << d;
    }
  }
}

TEST_P(Quantize, HalvesRoundToNearestEven) {
  // Every f16, the midpoint between it and the next, and the midpoint's neighbours.
  for (uint32_t h = 0; h < 0x7bff; ++h) {
    const float low = float_from_f16(static_cast<uint16_t>(h)), high = float_from_f16(static_cast<uint16_t>(h + 1));
    const float middle = low + (high - low) / 2;
    const float row[8] = {low,   middle, std::nextafter(middle, 0.0f), std::nextafter(middle, 1e9f), -low, -middle,
                          -high, 0};
    const uint16_t expected[8] = {static_cast<uint16_t>(h),
                                  static_cast<uint16_t>(h + (h & 1)),
                                  static_cast<uint16_t>(h),
                                  static_cast<uint16_t>(h + 1),
                                  static_cast<uint16_t>(h | 0x8000),
                                  static_cast<uint16_t>((h + (h & 1)) | 0x8000),
                                  static_cast<uint16_t>((h + 1) | 0x8000),
                                  0};
    uint16_t found[8];
    ASSERT_TRUE(GetParam()(row, 8, {Dtype::f16, reinterpret_cast<uint8_t*>(found), nullptr, nullptr}));
    for (int i = 0; i < 8; ++i) ASSERT_EQ(found[i], expected[i]) << h << " " << i;
  }
}

TEST_P(Quantize, ExtremesAreStoredOrRefused) {
  std::vector<float> extremes = extreme_floats();
  ASSERT_EQ(std::fabs(extremes[8]) + std::fabs(extremes[9]), INFINITY);
  extremes.resize(8);  // without the largest f32, which no 16-bit dtype holds
  const uint32_t dim = static_cast<uint32_t>(extremes.size());
  for (const Dtype dtype : all_dtypes()) {
    Stored stored(dtype, dim);
    const bool done = GetParam()(extremes.data(), dim, stored.out);
    EXPECT_EQ(done, dtype != Dtype::i8 && dtype != Dtype::i4);
    if (!done) continue;
    EXPECT_EQ(stored.value(2), INFINITY);
    EXPECT_EQ(stored.value(3), -INFINITY);
    EXPECT_TRUE(std::isnan(stored.value(4)));
  }
  for (const uint32_t at : {0u, 5u, 31u, 39u}) {  // within a register and after the last one
    for (const float bad : {NAN, INFINITY}) {
      std::vector<float> row(40, 1.0f);
      row[at] = bad;
      for (const Dtype dtype : {Dtype::i8, Dtype::i4}) {
        Stored stored(dtype, 40);
        EXPECT_FALSE(GetParam()(row.data(), 40, stored.out));
      }
    }
  }
  const std::vector<float> large(32, 1e30f);
  Stored stored(Dtype::i4, 32);
  EXPECT_FALSE(GetParam()(large.data(), 32, stored.out));  // its scale is too large for f16
}

TEST_P(Quantize, FiniteNumbersNeverBecomeInfinite) {
  const struct {
    Dtype dtype;
    float largest, too_large, value;
  } cases[] = {{Dtype::f16, std::nextafter(65520.0f, 0.0f), 65520.0f, 65504.0f},
               {Dtype::bf16, float_from_bits(0x7f7f7fff), float_from_bits(0x7f7f8000), float_from_bits(0x7f7f0000)}};
  for (const auto& each : cases) {
    for (const uint32_t dim : {1u, 3u, 4u, 8u, 11u, 40u}) {
      for (uint32_t at = 0; at < dim; ++at) {
        std::vector<float> row(dim, INFINITY);
        row[at] = -each.largest;
        Stored stored(each.dtype, dim);
        ASSERT_TRUE(GetParam()(row.data(), dim, stored.out));
        ASSERT_EQ(stored.value(at), -each.value);
        for (const float bad : {each.too_large, -each.too_large, std::numeric_limits<float>::max()}) {
          row[at] = bad;
          ASSERT_FALSE(GetParam()(row.data(), dim, stored.out)) << int(each.dtype) << " " << dim << " " << at;
        }
      }
    }
  }
}

TEST_P(Quantize, ZerosAndEmptyRows) {
  const std::vector<float> zeros(70, 0.0f);
  for (const Dtype dtype : all_dtypes()) {
    Stored stored(dtype, 70);
    ASSERT_TRUE(GetParam()(zeros.data(), 70, stored.out));
    for (uint32_t d = 0; d < 70; ++d) EXPECT_EQ(stored.value(d), 0);
    Stored none(dtype, 0);
    EXPECT_TRUE(GetParam()(zeros.data(), 0, none.out));
    EXPECT_TRUE(none.intact());
  }
}

TEST(QuantizeVariants, GiveTheSameBits) {
  Random random(22);
  for (int round = 0; round < 400; ++round) {
    const uint32_t dim = 1 + random.below(100);
    std::vector<float> row(dim);
    const int kind = static_cast<int>(random.below(5));
    for (float& x : row) {
      x = kind == 0   ? float_from_bits(random.bits() & 0xbfffffff)
          : kind == 1 ? static_cast<float>(static_cast<int>(random.below(5)) - 2)
          : kind == 4 ? (random.below(2) ? 0.0f : -0.0f)
                      : random.number();
      if (kind == 3) x *= 1e-40f;
    }
    for (const Dtype dtype : all_dtypes()) {
      Stored a(dtype, dim), b(dtype, dim);
      ASSERT_EQ(quantize_scalar(row.data(), dim, a.out), quantize_simd128(row.data(), dim, b.out));
      ASSERT_EQ(a.bytes, b.bytes) << int(dtype) << " " << round;
      ASSERT_EQ(a.block_scales, b.block_scales);
      ASSERT_EQ(a.row_scale, b.row_scale);
    }
  }
}

}  // namespace
}  // namespace wembed
