#pragma once
// The definition of matrix_products.h's functions over either kind of lanes.
#include "train/matrix_products.h"

namespace wembed::train {

template <class Lanes>
struct MatrixProducts {
  using V = typename Lanes::V;

  /// N rows of a and M of b: each number is loaded once for several products.
  template <size_t N, size_t M>
  static void block(const float* a, const float* b, size_t m, size_t dim, float* out) {
    V sums[N][M];
    for (size_t i = 0; i < N; ++i) {
      for (size_t j = 0; j < M; ++j) sums[i][j] = Lanes::splat(0);
    }
    size_t d = 0;
    for (; d + 4 <= dim; d += 4) {
      V right[M];
      for (size_t j = 0; j < M; ++j) right[j] = Lanes::load(b + j * dim + d);
      for (size_t i = 0; i < N; ++i) {
        const V left = Lanes::load(a + i * dim + d);
        for (size_t j = 0; j < M; ++j) sums[i][j] = Lanes::add(sums[i][j], Lanes::mul(left, right[j]));
      }
    }
    for (size_t i = 0; i < N; ++i) {
      for (size_t j = 0; j < M; ++j) {
        float sum = Lanes::sum(sums[i][j]);
        for (size_t e = d; e < dim; ++e) sum += a[i * dim + e] * b[j * dim + e];
        out[i * m + j] = sum;
      }
    }
  }

  static void products(const float* a, const float* b, size_t n, size_t m, size_t dim, float* out) {
    for (size_t j = 0; j < m;) {
      const size_t columns = m - j >= 2 ? 2 : 1;
      size_t i = 0;
      for (; i + 4 <= n; i += 4) {
        if (columns == 2) {
          block<4, 2>(a + i * dim, b + j * dim, m, dim, out + i * m + j);
        } else {
          block<4, 1>(a + i * dim, b + j * dim, m, dim, out + i * m + j);
        }
      }
      for (; i < n; ++i) {
        if (columns == 2) {
          block<1, 2>(a + i * dim, b + j * dim, m, dim, out + i * m + j);
        } else {
          block<1, 1>(a + i * dim, b + j * dim, m, dim, out + i * m + j);
        }
      }
      j += columns;
    }
  }

  /// M rows of b at once: what they are added to is loaded and stored once.
  template <size_t M>
  static void add_rows(const float* factors, size_t column, const float* b, size_t dim, float* out) {
    V g[M];
    for (size_t j = 0; j < M; ++j) g[j] = Lanes::splat(factors[j * column]);
    size_t d = 0;
    for (; d + 4 <= dim; d += 4) {
      V sum = Lanes::load(out + d);
      for (size_t j = 0; j < M; ++j) sum = Lanes::add(sum, Lanes::mul(g[j], Lanes::load(b + j * dim + d)));
      Lanes::store(out + d, sum);
    }
    for (; d < dim; ++d) {
      for (size_t j = 0; j < M; ++j) out[d] += factors[j * column] * b[j * dim + d];
    }
  }

  static void add(Factors g, const float* b, size_t n, size_t m, size_t dim, float* out) {
    size_t j = 0;
    for (; j + 8 <= m; j += 8) {
      for (size_t i = 0; i < n; ++i) {
        add_rows<8>(g.data + i * g.row + j * g.column, g.column, b + j * dim, dim, out + i * dim);
      }
    }
    for (; j < m; ++j) {
      for (size_t i = 0; i < n; ++i) {
        add_rows<1>(g.data + i * g.row + j * g.column, g.column, b + j * dim, dim, out + i * dim);
      }
    }
  }
};

}  // namespace wembed::train
