#include "engine/softmax.h"

#include "engine/kernels.h"

namespace wembed {

void SoftmaxDenominator::add(const float* scores, size_t n, float largest) {
  if (largest > max) sum *= exp_of_negative(max - largest);
  max = largest;
  sum += kKernels.exp_sum(scores, n, max);
}

void SoftmaxDenominator::add(const float* scores, size_t n) {
  float largest = max;
  for (size_t i = 0; (i = kKernels.first_above(scores, n, i, largest)) < n;) largest = scores[i];
  add(scores, n, largest);
}

float SoftmaxDenominator::probability(float score) const {
  return static_cast<float>(exp_of_negative(score - max) / sum);
}

}  // namespace wembed
