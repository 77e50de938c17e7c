#include "engine/sign_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "arrays.h"

namespace wembed {
namespace {

TEST(SignSearch, LeastAreThoseOfAStableSort) {
  SignSearch search;
  Random random(41);
  for (const uint32_t n : {0u, 1u, 7u, 300u}) {
    for (const uint32_t largest : {0u, 3u, 256u}) {
      std::vector<uint32_t> distances(n);
      for (uint32_t& each : distances) each = random.below(largest + 1);
      for (const uint32_t most : {0u, 1u, 5u, n, n + 9}) {
        std::vector<uint32_t> expected(n), rows(std::min(n, most) + 1, 77);
        std::iota(expected.begin(), expected.end(), 0);
        std::stable_sort(expected.begin(), expected.end(),
                         [&](uint32_t a, uint32_t b) { return distances[a] < distances[b]; });
        expected.resize(std::min(n, most));
        std::sort(expected.begin(), expected.end());
        ASSERT_EQ(search.least(distances.data(), n, largest, most, rows.data()), expected.size());
        EXPECT_EQ(rows.back(), 77u);
        rows.pop_back();
        ASSERT_EQ(rows, expected) << n << " " << largest << " " << most;
      }
    }
  }
}

TEST(SignSearch, ProductsEqualTheDefinition) {
  SignSearch search;
  Random random(42);
  for (const uint32_t dim : {1u, 7u, 8u, 9u, 24u, 100u, 1024u}) {
    const size_t bytes = (dim + 7) / 8;
    std::vector<float> x(dim);
    for (float& each : x) each = random.number() * std::ldexp(1.0f, static_cast<int>(random.below(9)) - 4);
    std::vector<uint8_t> bits(5 * bytes + 3);
    for (uint8_t& each : bits) each = static_cast<uint8_t>(random.below(256));
    std::vector<const uint8_t*> rows;
    for (size_t i : {4, 0, 3, 3}) rows.push_back(bits.data() + i * bytes + 3);  // misaligned
    for (size_t n = 0; n <= rows.size(); ++n) {
      GuardedFloats out(n, 1);
      search.products(x.data(), dim, rows.data(), static_cast<uint32_t>(n), out.data());
      EXPECT_TRUE(out.intact());
      for (size_t i = 0; i < n; ++i) {
        double expected = 0, sizes = 0;
        for (uint32_t d = 0; d < dim; ++d) {
          expected += (rows[i][d / 8] >> (d % 8)) & 1 ? double{x[d]} : -double{x[d]};
          sizes += std::fabs(double{x[d]});
        }
        ASSERT_NEAR(out.data()[i], expected, (dim / 8.0 + 16) * std::ldexp(sizes, -24)) << dim << " " << i;
      }
    }
  }
}

}  // namespace
}  // namespace wembed
