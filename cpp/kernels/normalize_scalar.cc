#include <cmath>

#include "kernels/normalize.h"

namespace wembed {

bool normalize_scalar(float* x, size_t n, size_t dim, double epsilon) {
  bool finite = true;
  for (size_t i = 0; i < n; ++i, x += dim) {
    double sum = 0;
    for (size_t d = 0; d < dim; ++d) sum += static_cast<double>(x[d]) * x[d];
    finite = finite && std::isfinite(sum);
    const double norm = std::sqrt(sum) + epsilon;
    if (norm == 0) continue;
    for (size_t d = 0; d < dim; ++d) x[d] = static_cast<float>(x[d] / norm);
  }
  return finite;
}

}  // namespace wembed
