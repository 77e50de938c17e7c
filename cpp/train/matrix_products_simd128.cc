#include "train/lanes_simd128.h"
#include "train/matrix_products_lanes.h"

namespace wembed::train {

void matrix_products_simd128(const float* a, const float* b, size_t n, size_t m, size_t dim, float* out) {
  MatrixProducts<Simd128Lanes>::products(a, b, n, m, dim, out);
}
void add_products_simd128(Factors g, const float* b, size_t n, size_t m, size_t dim, float* out) {
  MatrixProducts<Simd128Lanes>::add(g, b, n, m, dim, out);
}

}  // namespace wembed::train
