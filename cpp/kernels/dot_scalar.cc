#include "kernels/dot.h"

namespace wembed {

float dot_scalar(const float* a, const float* b, size_t dim) {
  double sum = 0;
  for (size_t d = 0; d < dim; ++d) sum += static_cast<double>(a[d]) * b[d];
  return static_cast<float>(sum);
}

}  // namespace wembed
