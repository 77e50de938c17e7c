#include "kernels/exp_sum.h"

namespace wembed {

double exp_sum_scalar(const float* x, size_t n, float max) {
  float sums[16] = {};
  for (size_t i = 0; i < n; ++i) sums[i % 16] += exp_of_negative(x[i] - max);
  double total = 0;
  for (const float sum : sums) total += sum;
  return total;
}

}  // namespace wembed
