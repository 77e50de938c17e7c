#include "engine/sign_search.h"

#include <algorithm>
#include <cmath>

#include "arrays.h"
#include "variants.h"

namespace wembed {
namespace {

class SignSearchTest : public OverVariants {};
INSTANTIATE_OVER_VARIANTS(SignSearchTest);

std::vector<float> numbers(size_t n, Random& random) {
  std::vector<float> made(n);
  for (float& each : made) each = random.number() * std::ldexp(1.0f, static_cast<int>(random.below(9)) - 4);
  return made;
}

size_t bytes_of(uint32_t dim) { return (dim + 127) / 128 * 16; }

TEST_P(SignSearchTest, RotatingKeepsProducts) {
  Random random(41);
  for (const uint32_t dim : {1u, 2u, 3u, 7u, 8u, 100u, 256u, 384u}) {
    std::vector<float> a = numbers(dim, random), b = numbers(dim, random);
    const auto product = [&] {
      double sum = 0;
      for (uint32_t d = 0; d < dim; ++d) sum += double{a[d]} * b[d];
      return sum;
    };
    double sizes = 0;
    for (uint32_t d = 0; d < dim; ++d) sizes += double{a[d]} * a[d] + double{b[d]} * b[d];
    const double before = product();
    SignSearch::rotate(a.data(), dim);
    SignSearch::rotate(b.data(), dim);
    ASSERT_NEAR(product(), before, 1e-5 * sizes) << dim;
  }
  // Every number goes into every other: no sign is that of a single number.
  std::vector<float> x(384, 0.0f);
  x[200] = 1;
  SignSearch::rotate(x.data(), 384);
  EXPECT_EQ(std::count(x.begin(), x.end(), 0.0f), 0);
}

TEST_P(SignSearchTest, StoresSignsAndSizes) {
  Random random(42);
  for (const uint32_t dim : {1u, 7u, 8u, 128u, 129u}) {
    const size_t bytes = bytes_of(dim);
    std::vector<float> x = numbers(size_t{3} * dim, random);
    std::fill(x.begin() + dim, x.begin() + 2 * dim, 0.0f);
    std::vector<float> rotated = x;
    for (size_t i = 0; i < 3; ++i) SignSearch::rotate(rotated.data() + i * dim, dim);
    std::vector<uint8_t> signs(3 * bytes + 1, 0xaa);
    GuardedFloats factors(3, 1);
    SignSearch::store(x.data(), 3, dim, signs.data(), factors.data());
    EXPECT_TRUE(factors.intact());
    EXPECT_EQ(signs.back(), 0xaa);
    for (size_t i = 0; i < 3; ++i) {
      double sum = 0, squares = 0;
      for (size_t d = 0; d < 8 * bytes; ++d) {
        const bool bit = (signs[i * bytes + d / 8] >> (d % 8)) & 1;
        ASSERT_EQ(bit, d < dim && rotated[i * dim + d] > 0);
        if (d >= dim) continue;
        sum += std::fabs(double{rotated[i * dim + d]});
        squares += double{rotated[i * dim + d]} * rotated[i * dim + d];
      }
      ASSERT_NEAR(factors[i], sum > 0 ? squares / sum : 0, 1e-5 * factors[i]);
    }
  }
}

/// The rows that differ least, of equal ones the first, and their second scores, one by one.
struct Expected {
  std::vector<uint32_t> nearest;
  std::vector<double> scores, bounds;  // of all rows
};

Expected expected(const std::vector<uint8_t>& signs, const std::vector<float>& factors, const std::vector<float>& x,
                  const std::vector<uint8_t>& of_x, const std::vector<uint8_t>& live, uint32_t most) {
  const uint32_t dim = static_cast<uint32_t>(x.size()), n = static_cast<uint32_t>(factors.size());
  const size_t bytes = bytes_of(dim);
  Expected made;
  std::vector<uint32_t> differing(n);
  for (uint32_t i = 0; i < n; ++i) {
    double sum = 0, sizes = 0;
    for (uint32_t d = 0; d < dim; ++d) {
      const bool bit = (signs[i * bytes + d / 8] >> (d % 8)) & 1;
      sum += bit ? double{x[d]} : -double{x[d]};
      sizes += std::fabs(double{x[d]});
      differing[i] += bit != ((of_x[d / 8] >> (d % 8)) & 1);
    }
    made.scores.push_back(sum * factors[i]);
    made.bounds.push_back((dim / 8.0 + 16) * std::ldexp(sizes, -24) * factors[i]);
    if (live[i]) made.nearest.push_back(i);
  }
  std::stable_sort(made.nearest.begin(), made.nearest.end(),
                   [&](uint32_t a, uint32_t b) { return differing[a] < differing[b]; });
  if (made.nearest.size() > most) made.nearest.resize(most);
  std::sort(made.nearest.begin(), made.nearest.end());
  return made;
}

TEST_P(SignSearchTest, FindsTheBestOfThoseThatDifferLeast) {
  Random random(43);
  SignSearch search;
  for (const uint32_t dim : {1u, 5u, 129u, 256u}) {
    const uint32_t n = dim == 5 ? kSignRows + 700 : 2100;  // more than a block
    const size_t bytes = bytes_of(dim);
    std::vector<float> rows = numbers(size_t{n} * dim, random), factors(n), x = numbers(dim, random);
    std::vector<uint8_t> signs(n * bytes), of_x(bytes), live(n);
    for (uint8_t& each : live) each = random.below(5) > 0;
    SignSearch::store(rows.data(), n, dim, signs.data(), factors.data());
    float factor;
    SignSearch::store(x.data(), 1, dim, of_x.data(), &factor);
    for (const uint32_t most : {1u, 50u, 1500u, n}) {
      const Expected want = expected(signs, factors, x, of_x, live, most);
      for (const uint32_t k : {1u, 20u, most}) {
        search.start(dim, most);
        for (uint32_t first = 0; first < n; first += kSignRows) {
          search.take(signs.data() + first * bytes, factors.data() + first, std::min(kSignRows, n - first), of_x.data(),
                      live.data() + first);
        }
        const Array<Candidate>& found = search.best(x.data(), k);
        ASSERT_GE(found.size(), std::min<size_t>(k, want.nearest.size()));
        std::vector<uint32_t> ids;
        double least = INFINITY;
        for (const Candidate& row : found) {
          ASSERT_NEAR(row.score, want.scores[row.id], want.bounds[row.id]) << dim << " " << row.id;
          ids.push_back(row.id);
          least = std::min(least, double{row.score});
        }
        ASSERT_TRUE(std::is_sorted(ids.begin(), ids.end()));
        ASSERT_TRUE(std::includes(want.nearest.begin(), want.nearest.end(), ids.begin(), ids.end()))
            << dim << " " << most;
        for (const uint32_t id : want.nearest) {
          if (want.scores[id] > least + want.bounds[id]) ASSERT_TRUE(std::binary_search(ids.begin(), ids.end(), id));
        }
      }
    }
  }
}

TEST_P(SignSearchTest, SumsBeyondTheLargestFloatAreTheWorst) {
  SignSearch search;
  std::vector<float> rows(3 * 4, 3e38f), factors(3), x(4, 3e38f);
  std::vector<uint8_t> signs(3 * 16), of_x(16), live(3, 1);
  SignSearch::store(rows.data(), 3, 4, signs.data(), factors.data());
  float factor;
  SignSearch::store(x.data(), 1, 4, of_x.data(), &factor);
  search.start(4, 3);
  search.take(signs.data(), factors.data(), 3, of_x.data(), live.data());
  EXPECT_EQ(search.best(x.data(), 2).size(), 3u);  // all are equally good
}

}  // namespace
}  // namespace wembed
