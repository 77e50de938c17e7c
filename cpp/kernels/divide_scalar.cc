#include "kernels/divide.h"

namespace wembed {

void divide_scalar(float* x, size_t n, float by) {
  for (size_t i = 0; i < n; ++i) x[i] /= by;
}

}  // namespace wembed
