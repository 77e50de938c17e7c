#include "engine/sign_search.h"

#include <algorithm>
#include <cmath>
#include <cstring>

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

/// What `store` makes of rows, in blocks of their own.
struct Stored {
  Stored(std::vector<float> x, uint32_t rows, uint32_t dim)
      : n(rows),
        bytes(bytes_of(dim)),
        rotated(std::move(x)),
        signs(n * bytes + 1, 0xaa),
        details(n * (bytes + 4) + 1, 0xaa) {
    SignSearch::store(rotated.data(), n, dim, signs.data(), details.data());
  }
  bool intact() const { return signs.back() == 0xaa && details.back() == 0xaa; }
  bool sign(size_t row, size_t d) const { return (signs[row * bytes + d / 8] >> (d % 8)) & 1; }
  bool second(size_t row, size_t d) const { return (details[row * (bytes + 4) + d / 8] >> (d % 8)) & 1; }
  double level(size_t row, size_t d) const { return (sign(row, d) ? 1 : -1) + (second(row, d) ? 0.5 : -0.5); }
  float factor(size_t row) const {
    float value;
    std::memcpy(&value, details.data() + row * (bytes + 4) + bytes, sizeof value);
    return value;
  }

  uint32_t n;
  size_t bytes;
  std::vector<float> rotated;
  std::vector<uint8_t> signs, details;
};

TEST_P(SignSearchTest, StoresBitsAndFactors) {
  Random random(42);
  for (const uint32_t dim : {1u, 7u, 8u, 128u, 129u}) {
    std::vector<float> x = numbers(size_t{3} * dim, random);
    std::fill(x.begin() + dim, x.begin() + 2 * dim, 0.0f);
    std::vector<float> rotated = x;
    for (size_t i = 0; i < 3; ++i) SignSearch::rotate(rotated.data() + i * dim, dim);
    const Stored stored(x, 3, dim);
    EXPECT_TRUE(stored.intact());
    EXPECT_EQ(stored.rotated, rotated);
    for (size_t i = 0; i < 3; ++i) {
      double product = 0, squares = 0;
      for (size_t d = 0; d < dim; ++d) squares += double{rotated[i * dim + d]} * rotated[i * dim + d];
      const double usual = std::sqrt(squares / dim);
      for (size_t d = 0; d < 8 * stored.bytes; ++d) {
        const double value = d < dim ? double{rotated[i * dim + d]} : 0;
        ASSERT_EQ(stored.sign(i, d), value > 0);
        if (d >= dim) {
          ASSERT_FALSE(stored.second(i, d));
          continue;
        }
        product += value * stored.level(i, d);
        if (std::fabs(std::fabs(value) - usual) < 1e-5 * usual) continue;  // rounding decides
        ASSERT_EQ(std::fabs(stored.level(i, d)), std::fabs(value) > usual ? 1.5 : 0.5);
      }
      ASSERT_NEAR(stored.factor(i), product > 0 ? squares / product : 0, 1e-5 * stored.factor(i));
    }
  }
}

/// Live rows that differ in as few signs as `most` rows do, and second scores of all rows, one by one.
struct Expected {
  std::vector<uint32_t> nearest;
  std::vector<double> scores, bounds;
};

Expected expected(const Stored& rows, const Stored& query, const std::vector<uint8_t>& live, uint32_t most) {
  const std::vector<float>& x = query.rotated;
  const uint32_t dim = static_cast<uint32_t>(x.size());
  float largest = 0;
  for (const float each : x) largest = std::max(largest, std::fabs(each));
  std::vector<double> rounded;
  for (const float each : x) {
    const float place = std::min(15.0f, std::floor(8 * (each / largest) + 8));
    rounded.push_back(2 * (2 * double{place} - 15));
  }
  Expected made;
  std::vector<uint32_t> differing(rows.n);
  for (uint32_t i = 0; i < rows.n; ++i) {
    double sum = 0;
    for (uint32_t d = 0; d < dim; ++d) {
      sum += rounded[d] * rows.level(i, d);
      differing[i] += rows.sign(i, d) != query.sign(0, d);
    }
    made.scores.push_back(sum * double{rows.factor(i)});
    made.bounds.push_back(1e-6 * std::fabs(made.scores[i]) + 1e-30);
    if (live[i]) made.nearest.push_back(i);
  }
  std::stable_sort(made.nearest.begin(), made.nearest.end(),
                   [&](uint32_t a, uint32_t b) { return differing[a] < differing[b]; });
  size_t kept = std::min<size_t>(most, made.nearest.size());
  while (kept > 0 && kept < made.nearest.size() && differing[made.nearest[kept]] == differing[made.nearest[kept - 1]]) {
    ++kept;
  }
  made.nearest.resize(kept);
  return made;
}

void search_rows(SignSearch& search, const Stored& rows, const Stored& query, const std::vector<uint8_t>& live,
                 uint32_t most) {
  search.start(static_cast<uint32_t>(query.rotated.size()), most);
  for (uint32_t first = 0; first < rows.n; first += kSignRows) {
    search.take(rows.signs.data() + first * rows.bytes, rows.details.data() + first * (rows.bytes + 4),
                std::min(kSignRows, rows.n - first), query.signs.data(), live.data() + first);
  }
}

void expect_best(const Array<Candidate>& found, const Expected& want, const std::vector<uint8_t>& live, uint32_t k) {
  ASSERT_GE(found.size(), std::min<size_t>(k, want.nearest.size()));
  std::vector<uint32_t> ids;
  double least = INFINITY;
  for (const Candidate& row : found) {
    ASSERT_NEAR(row.score, want.scores[row.id], want.bounds[row.id]) << row.id;
    ASSERT_EQ(live[row.id], 1) << row.id;
    ids.push_back(row.id);
    least = std::min(least, double{row.score});
  }
  ASSERT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  for (const uint32_t id : want.nearest) {
    if (want.scores[id] > least + want.bounds[id]) {
      ASSERT_TRUE(std::binary_search(ids.begin(), ids.end(), id));
    }
  }
}

TEST_P(SignSearchTest, FindsTheBestOfThoseThatDifferLeast) {
  Random random(43);
  SignSearch search;
  for (const uint32_t dim : {1u, 5u, 129u, 256u}) {
    const uint32_t n = dim == 5 ? kSignRows + 700 : 2100;  // more than a block
    const Stored rows(numbers(size_t{n} * dim, random), n, dim), query(numbers(dim, random), 1, dim);
    std::vector<uint8_t> live(n);
    for (uint8_t& each : live) each = random.below(5) > 0;
    for (const uint32_t most : {1u, 50u, 1500u, n}) {
      const Expected want = expected(rows, query, live, most);
      for (const uint32_t k : {1u, 20u, most}) {
        search_rows(search, rows, query, live, most);
        expect_best(search.best(query.rotated.data(), k), want, live, k);
      }
    }
  }
}

TEST_P(SignSearchTest, FindsRowsOfWhichTheFirstTellNothing) {
  Random random(44);
  SignSearch search;
  const uint32_t dim = 16, n = 2 * kSignRows + 900;
  const std::vector<float> x = numbers(dim, random);
  for (const bool first_is_near : {true, false}) {
    // Of each block, only the first rows are near to the query; or only others.
    std::vector<float> data = numbers(size_t{n} * dim, random);
    for (uint32_t i = 0; i < n; ++i) {
      if ((i % kSignRows < 600) != first_is_near) continue;
      for (uint32_t d = 0; d < dim; ++d) data[i * dim + d] = x[d] + 0.1f * data[i * dim + d];
    }
    const Stored rows(data, n, dim), query(x, 1, dim);
    std::vector<uint8_t> live(n, 1);
    for (const uint32_t most : {5u, 3000u}) {
      search_rows(search, rows, query, live, most);
      expect_best(search.best(query.rotated.data(), 5), expected(rows, query, live, most), live, 5);
    }
    std::fill(live.begin(), live.end(), uint8_t{0});
    live[kSignRows + 5000] = 1;
    search_rows(search, rows, query, live, 50);
    expect_best(search.best(query.rotated.data(), 5), expected(rows, query, live, 50), live, 5);
  }
}

TEST_P(SignSearchTest, SumsBeyondTheLargestFloatAreTheWorst) {
  SignSearch search;
  const Stored rows(std::vector<float>(3 * 4, 3e38f), 3, 4), query(std::vector<float>(4, 3e38f), 1, 4);
  const std::vector<uint8_t> live(3, 1);
  search_rows(search, rows, query, live, 3);
  EXPECT_EQ(search.best(query.rotated.data(), 2).size(), 3u);  // all are equally good
}

}  // namespace
}  // namespace wembed
