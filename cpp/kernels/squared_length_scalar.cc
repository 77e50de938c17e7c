#include "kernels/squared_length.h"

namespace wembed {

double squared_length_scalar(const float* x, size_t dim) {
  double sum = 0;
  for (size_t d = 0; d < dim; ++d) sum += static_cast<double>(x[d]) * x[d];
  return sum;
}

}  // namespace wembed
