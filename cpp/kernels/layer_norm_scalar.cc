#include <cmath>

#include "kernels/layer_norm.h"

namespace wembed {

void layer_norm_scalar(float* x, size_t n, size_t dim, const float* weight, const float* bias, float epsilon) {
  for (size_t i = 0; i < n; ++i, x += dim) {
    double sum = 0, squares = 0;
    for (size_t d = 0; d < dim; ++d) sum += x[d];
    const double mean = sum / static_cast<double>(dim);
    for (size_t d = 0; d < dim; ++d) squares += (x[d] - mean) * (x[d] - mean);
    const double factor = 1 / std::sqrt(squares / static_cast<double>(dim) + epsilon);
    for (size_t d = 0; d < dim; ++d) x[d] = static_cast<float>((x[d] - mean) * factor) * weight[d] + bias[d];
  }
}

}  // namespace wembed
