#pragma once
#include <cstddef>
#include <cstdint>

namespace wembed::train {

/// out[i, j] = Σ_d a[i, d] · b[j, d]: torch.nn.functional.linear(a, b).
/// @param a    (n, dim)
/// @param b    (m, dim)
/// @param out  (n, m), apart from both
/// Numerics: sums in f32, in four lanes and a rest; both variants give the same bits.
void matrix_products_scalar(const float* a, const float* b, size_t n, size_t m, size_t dim, float* out);
void matrix_products_simd128(const float* a, const float* b, size_t n, size_t m, size_t dim, float* out);

/// What Σ g · factors adds to a matrix: out[i, d] += Σ_j g(i, j) · b[j, d]. Both gradients of matrix_products are such
/// sums.
struct Factors {
  const float* data;
  size_t row, column;  // g(i, j) is data[i · row + j · column]
};
/// @param b    (m, dim)
/// @param out  (n, dim), apart from both
void add_products_scalar(Factors g, const float* b, size_t n, size_t m, size_t dim, float* out);
void add_products_simd128(Factors g, const float* b, size_t n, size_t m, size_t dim, float* out);

}  // namespace wembed::train
