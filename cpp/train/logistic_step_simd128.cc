#include "train/lanes_simd128.h"
#include "train/logistic_step_lanes.h"

namespace wembed::train {

double logistic_step_simd128(const SigmoidTable& sigmoid, const float* x, float* const* rows, const float* labels,
                             size_t n, size_t dim, float alpha, float* change) {
  return LogisticStep<Simd128Lanes>::all(sigmoid, x, rows, labels, n, dim, alpha, change);
}
void add_scaled_simd128(float* y, const float* x, float a, size_t dim) {
  LogisticStep<Simd128Lanes>::add_scaled(y, x, a, dim);
}
void scale_simd128(float* x, float a, size_t dim) { LogisticStep<Simd128Lanes>::scale(x, a, dim); }

}  // namespace wembed::train
