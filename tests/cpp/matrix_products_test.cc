#include "train/matrix_products.h"

#include <gtest/gtest.h>

#include "arrays.h"

namespace wembed::train {
namespace {

struct Variant {
  decltype(&matrix_products_scalar) products;
  decltype(&add_products_scalar) add;
};
constexpr Variant kScalar = {matrix_products_scalar, add_products_scalar};
constexpr Variant kSimd128 = {matrix_products_simd128, add_products_simd128};

GuardedFloats random_floats(size_t size, size_t misalignment, Random& random) {
  GuardedFloats values(size, misalignment);
  for (size_t i = 0; i < size; ++i) values[i] = random.number();
  return values;
}

class MatrixProductsOf : public testing::TestWithParam<Variant> {};
INSTANTIATE_TEST_SUITE_P(Variants, MatrixProductsOf, testing::Values(kScalar, kSimd128));

TEST_P(MatrixProductsOf, EqualTheSumsInF64) {
  Random random(5);
  for (const size_t n : {0, 1, 3, 4, 5, 9}) {
    for (const size_t m : {0, 1, 2, 7, 8, 19}) {
      for (const size_t dim : {1, 3, 4, 6, 33, 64}) {
        GuardedFloats a = random_floats(n * dim, n, random), b = random_floats(m * dim, m, random), out(n * m, 1);
        GetParam().products(a.data(), b.data(), n, m, dim, out.data());
        for (size_t i = 0; i < n; ++i) {
          for (size_t j = 0; j < m; ++j) {
            double sum = 0;
            for (size_t d = 0; d < dim; ++d) sum += static_cast<double>(a[i * dim + d]) * b[j * dim + d];
            ASSERT_NEAR(out[i * m + j], sum, 1e-6 * dim) << n << " " << m << " " << dim;
          }
        }
        EXPECT_TRUE(out.intact());
      }
    }
  }
}

TEST_P(MatrixProductsOf, AddProductsEitherWay) {
  Random random(6);
  for (const size_t n : {0, 1, 4, 9}) {
    for (const size_t m : {0, 1, 8, 11}) {
      for (const size_t dim : {1, 5, 8, 34}) {
        GuardedFloats b = random_floats(m * dim, 3, random), g = random_floats(n * m, 1, random);
        for (const bool transposed : {false, true}) {
          const Factors factors = transposed ? Factors{g.data(), 1, n} : Factors{g.data(), m, 1};
          GuardedFloats out = random_floats(n * dim, 2, random);
          std::vector<double> expected(n * dim);
          for (size_t i = 0; i < n; ++i) {
            for (size_t d = 0; d < dim; ++d) {
              expected[i * dim + d] = out[i * dim + d];
              for (size_t j = 0; j < m; ++j) {
                expected[i * dim + d] += static_cast<double>(transposed ? g[j * n + i] : g[i * m + j]) * b[j * dim + d];
              }
            }
          }
          GetParam().add(factors, b.data(), n, m, dim, out.data());
          for (size_t i = 0; i < n * dim; ++i) ASSERT_NEAR(out[i], expected[i], 1e-6 * (m + 1));
          EXPECT_TRUE(out.intact());
        }
      }
    }
  }
}

TEST(MatrixProductsVariants, GiveTheSameBits) {
  Random random(7);
  constexpr size_t kN = 7, kM = 21, kDim = 45;
  GuardedFloats a = random_floats(kN * kDim, 0, random), b = random_floats(kM * kDim, 1, random);
  GuardedFloats one(kN * kM, 0), two(kN * kM, 1), three(kN * kDim, 0), four(kN * kDim, 2);
  kScalar.products(a.data(), b.data(), kN, kM, kDim, one.data());
  kSimd128.products(a.data(), b.data(), kN, kM, kDim, two.data());
  for (size_t i = 0; i < kN * kM; ++i) EXPECT_EQ(one[i], two[i]);
  for (size_t i = 0; i < kN * kDim; ++i) three[i] = four[i] = 1;
  kScalar.add({one.data(), kM, 1}, b.data(), kN, kM, kDim, three.data());
  kSimd128.add({one.data(), kM, 1}, b.data(), kN, kM, kDim, four.data());
  for (size_t i = 0; i < kN * kDim; ++i) EXPECT_EQ(three[i], four[i]);
}

}  // namespace
}  // namespace wembed::train
