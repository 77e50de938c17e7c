#include "kernels/first_above.h"

namespace wembed {

size_t first_above_scalar(const float* x, size_t n, size_t begin, float limit) {
  size_t i = begin;
  while (i < n && !(x[i] > limit)) ++i;
  return i;
}

}  // namespace wembed
