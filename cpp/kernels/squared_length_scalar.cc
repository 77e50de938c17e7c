#include "kernels/squared_length.h"

namespace wembed {

double squared_length_scalar(const float* x, size_t dim) {
  double sum = 0;
  for (size_t d = 0; d < dim; ++d) sum += static_cast<double>(x[d]) * x[d];
  return sum;
}

uint32_t squared_quanta_scalar(const int8_t* q, size_t dim) {
  uint32_t sum = 0;
  for (size_t d = 0; d < dim; ++d) sum += static_cast<uint32_t>(q[d] * q[d]);
  return sum;
}

}  // namespace wembed
