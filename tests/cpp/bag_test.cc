#include "kernels/bag.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "stored_table.h"

namespace wembed {
namespace {

constexpr double kEpsilon = 1.0 / (1 << 24);

/// The definition in f64, and the column's Σ|w·x| for the error bound.
struct Reference {
  double value = 0, magnitude = 0;
  uint32_t count = 0;
};

Reference reference_bag(const StoredTable& table, const Bags& bags, uint32_t bag, size_t d) {
  Reference result;
  for (size_t j = bags.offsets[bag]; j < bags.offsets[bag + 1]; ++j) {
    if (bags.ids[j] == bags.padding_idx) continue;
    double weight = bags.per_sample_weights ? bags.per_sample_weights[j] : 1.0;
    if (bags.token_weights) weight *= bags.token_weights[bags.ids[j]];
    const uint32_t row = bags.token_mapping ? bags.token_mapping[bags.ids[j]] : bags.ids[j];
    const double value = weight * table.value(row, d);
    if (bags.mode == BagMode::max) {
      result.value = result.count == 0 ? value : std::max(result.value, value);
      result.magnitude = std::max(result.magnitude, std::abs(value));
    } else {
      result.value += value;
      result.magnitude += std::abs(value);
    }
    ++result.count;
  }
  if (bags.mode == BagMode::mean && result.count > 0) {
    result.value /= result.count;
    result.magnitude /= result.count;
  }
  return result;
}

class Bag : public testing::TestWithParam<decltype(&bag_scalar)> {
 protected:
  void expect_reference(const StoredTable& table, const Bags& bags, size_t misalignment) {
    const size_t dim = table.view.dim;
    GuardedFloats out(bags.bags * dim, misalignment);
    GetParam()(table.view, bags, out.data());
    for (uint32_t b = 0; b < bags.bags; ++b) {
      for (size_t d = 0; d < dim; ++d) {
        const Reference expected = reference_bag(table, bags, b, d);
        const double n = expected.count;
        // The header's bound, with three more roundings for the weight, the product and the mean.
        const double bound = (std::min(n, 32.0) + n / 32 + 5) * kEpsilon * expected.magnitude;
        ASSERT_NEAR(out[b * dim + d], expected.value, bound) << "bag " << b << " d " << d << " dim " << dim;
      }
    }
    EXPECT_TRUE(out.intact());
  }
};
INSTANTIATE_TEST_SUITE_P(Variants, Bag, testing::Values(bag_scalar, bag_simd128));

TEST_P(Bag, EqualsTheDefinition) {
  Random random(3);
  const std::vector<uint32_t> offsets = {0, 3, 3, 4, 120, 120};  // empty in the middle and at the end
  std::vector<uint32_t> ids(120);
  for (uint32_t& id : ids) id = random.below(9);
  for (const Dtype dtype : all_dtypes()) {
    for (const size_t dim : odd_sizes()) {
      const StoredTable table = random_table(dtype, 9, static_cast<uint32_t>(dim), dim % 3, random);
      for (const BagMode mode : {BagMode::sum, BagMode::mean, BagMode::max}) {
        Bags bags{ids.data(), offsets.data(), 5, mode};
        expect_reference(table, bags, dim);
        bags.padding_idx = 4;
        expect_reference(table, bags, dim + 1);
      }
    }
  }
}

TEST_P(Bag, WeightsAndMappings) {
  Random random(4);
  const std::vector<uint32_t> ids = {0, 5, 19, 2, 2, 11}, offsets = {0, 2, 6};
  std::vector<float> sample_weights(ids.size()), token_weights(20);
  std::vector<uint32_t> mapping(20);
  for (float& weight : sample_weights) weight = random.number();
  for (float& weight : token_weights) weight = random.number();
  for (uint32_t& row : mapping) row = random.below(7);
  for (const Dtype dtype : all_dtypes()) {
    const StoredTable table = random_table(dtype, 7, 45, 1, random);
    for (int which = 0; which < 4; ++which) {
      Bags bags{ids.data(), offsets.data(), 2, BagMode::sum};
      if (which & 1) bags.per_sample_weights = sample_weights.data();
      if (which & 2) bags.token_weights = token_weights.data();
      bags.token_mapping = mapping.data();
      expect_reference(table, bags, 2);
    }
  }
}

TEST_P(Bag, EmptyBagsAndAllPaddingGiveZeros) {
  Random random(5);
  const StoredTable table = random_table(Dtype::f32, 3, 9, 0, random);
  const std::vector<uint32_t> ids = {1, 1}, offsets = {0, 0, 2};
  for (const BagMode mode : {BagMode::sum, BagMode::mean, BagMode::max}) {
    Bags bags{ids.data(), offsets.data(), 2, mode};
    bags.padding_idx = 1;
    GuardedFloats out(18, 1);
    GetParam()(table.view, bags, out.data());
    for (size_t i = 0; i < 18; ++i) EXPECT_EQ(out[i], 0.0f);
  }
}

TEST_P(Bag, LongBagsStayAccurate) {
  Random random(6);
  const StoredTable table = random_table(Dtype::f32, 50, 33, 0, random);
  std::vector<uint32_t> ids(100000);
  for (uint32_t& id : ids) id = random.below(50);
  const std::vector<uint32_t> offsets = {0, 100000};
  expect_reference(table, {ids.data(), offsets.data(), 1, BagMode::mean}, 0);
}

TEST_P(Bag, AResumedBagGivesTheSameBits) {
  Random random(8);
  std::vector<uint32_t> ids(kBagGroup * 5 + 7);
  for (uint32_t& id : ids) id = random.below(9);
  for (const Dtype dtype : all_dtypes()) {
    const StoredTable table = random_table(dtype, 9, 43, 0, random);
    for (const BagMode mode : {BagMode::sum, BagMode::max}) {
      GuardedFloats whole(43, 0), parts(43, 1);
      const uint32_t n = static_cast<uint32_t>(ids.size()), cut = kBagGroup * 2;
      const uint32_t all[] = {0, n}, first[] = {0, cut}, rest[] = {0, n - cut};
      GetParam()(table.view, {ids.data(), all, 1, mode}, whole.data());
      GetParam()(table.view, {ids.data(), first, 1, mode}, parts.data());
      Bags last{ids.data() + cut, rest, 1, mode};
      last.resume = true;
      GetParam()(table.view, last, parts.data());
      for (size_t d = 0; d < 43; ++d) ASSERT_TRUE(same_bits(whole[d], parts[d])) << d;
      EXPECT_TRUE(parts.intact());
    }
  }
}

TEST(BagVariants, GiveTheSameBitsEvenForExtremes) {
  Random random(7);
  const size_t dim = 37;
  std::vector<float> values(20 * dim);
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = random.below(3) ? random.number() : extreme_floats()[random.below(10)];
  }
  const TableView table{Dtype::f32, 20, static_cast<uint32_t>(dim), values.data(), nullptr, 1.0f};
  std::vector<uint32_t> ids(70);
  for (uint32_t& id : ids) id = random.below(20);
  const std::vector<uint32_t> offsets = {0, 1, 3, 70};
  for (const BagMode mode : {BagMode::sum, BagMode::mean, BagMode::max}) {
    const Bags bags{ids.data(), offsets.data(), 3, mode};
    GuardedFloats scalar(3 * dim, 0), simd(3 * dim, 1);
    bag_scalar(table, bags, scalar.data());
    bag_simd128(table, bags, simd.data());
    for (size_t i = 0; i < 3 * dim; ++i) ASSERT_TRUE(same_bits(scalar[i], simd[i])) << i << " mode " << int(mode);
  }
}

// Of i8, SIMD multiplies with factors 2^24 times smaller, where they keep their bits.
TEST(BagVariants, GiveTheSameBitsForFactorsOfAnySize) {
  Random random(8);
  const size_t dim = 45;
  std::vector<int8_t> values(20 * dim);
  for (int8_t& value : values) value = static_cast<int8_t>(random.below(256) - 128);
  const TableView table{Dtype::i8, 20, static_cast<uint32_t>(dim), values.data(), nullptr, 1.0f};
  std::vector<uint32_t> ids(16), offsets = {0, 5, 16};
  for (uint32_t& id : ids) id = random.below(20);
  for (int exponent = -149; exponent <= 127; ++exponent) {
    std::vector<float> weights(16);
    for (float& weight : weights) weight = std::ldexp(1 + random.number() / 2, exponent);
    if (exponent == 127) weights = extreme_floats();
    weights.resize(16, -0.0f);
    Bags bags{ids.data(), offsets.data(), 2, BagMode::sum, weights.data()};
    GuardedFloats scalar(2 * dim, 0), simd(2 * dim, 1);
    bag_scalar(table, bags, scalar.data());
    bag_simd128(table, bags, simd.data());
    for (size_t i = 0; i < 2 * dim; ++i) ASSERT_TRUE(same_bits(scalar[i], simd[i])) << i << " exponent " << exponent;
  }
}

TEST_P(Bag, NanPropagatesInEveryMode) {
  std::vector<float> values(3 * 10, 1.0f);
  values[10 + 4] = NAN;
  const TableView table{Dtype::f32, 3, 10, values.data(), nullptr, 1.0f};
  const std::vector<uint32_t> ids = {0, 1, 2}, offsets = {0, 3};
  for (const BagMode mode : {BagMode::sum, BagMode::mean, BagMode::max}) {
    GuardedFloats out(10, 0);
    GetParam()(table, {ids.data(), offsets.data(), 1, mode}, out.data());
    for (size_t d = 0; d < 10; ++d) EXPECT_EQ(std::isnan(out[d]), d == 4) << d;
  }
}

}  // namespace
}  // namespace wembed
