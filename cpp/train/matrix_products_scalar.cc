#include "train/lanes_scalar.h"
#include "train/matrix_products_lanes.h"

namespace wembed::train {

void matrix_products_scalar(const float* a, const float* b, size_t n, size_t m, size_t dim, float* out) {
  MatrixProducts<ScalarLanes>::products(a, b, n, m, dim, out);
}
void add_products_scalar(Factors g, const float* b, size_t n, size_t m, size_t dim, float* out) {
  MatrixProducts<ScalarLanes>::add(g, b, n, m, dim, out);
}

}  // namespace wembed::train
