#include "train/lanes_scalar.h"
#include "train/logistic_step_lanes.h"

namespace wembed::train {

double logistic_step_scalar(const SigmoidTable& sigmoid, const float* x, float* const* rows, const float* labels,
                            size_t n, size_t dim, float alpha, float* change) {
  return LogisticStep<ScalarLanes>::all(sigmoid, x, rows, labels, n, dim, alpha, change);
}
void add_scaled_scalar(float* y, const float* x, float a, size_t dim) {
  LogisticStep<ScalarLanes>::add_scaled(y, x, a, dim);
}
void scale_scalar(float* x, float a, size_t dim) { LogisticStep<ScalarLanes>::scale(x, a, dim); }

}  // namespace wembed::train
