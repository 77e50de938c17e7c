#include <cmath>

#include "kernels/normalize.h"

namespace wembed {

void normalize_scalar(float* x, size_t n, size_t dim, double epsilon) {
  for (size_t i = 0; i < n; ++i, x += dim) {
    double sum = 0;
    for (size_t d = 0; d < dim; ++d) sum += static_cast<double>(x[d]) * x[d];
    const double norm = std::sqrt(sum) + epsilon;
    if (norm == 0) continue;
    for (size_t d = 0; d < dim; ++d) x[d] = static_cast<float>(x[d] / norm);
  }
}

}  // namespace wembed
