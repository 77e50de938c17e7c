#include "kernels/scale_rows.h"

namespace wembed {

void scale_rows_scalar(float* x, const float* scales, size_t n) {
  for (size_t i = 0; i < n; ++i) x[i] *= scales[i];
}

}  // namespace wembed
