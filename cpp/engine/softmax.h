#pragma once
#include <cmath>
#include <cstddef>

namespace wembed {

/// A softmax over scores that arrive in strips: their largest and Σ e^(score - largest). The probability of a score is
/// e^(score - max) / sum.
struct SoftmaxDenominator {
  float max = -INFINITY;
  double sum = 0;

  /// Adds a strip. @param largest  of all scores, those of earlier strips included
  void add(const float* scores, size_t n, float largest);
  /// The same if the largest score is not known yet.
  void add(const float* scores, size_t n);

  /// @param score  at most max
  float probability(float score) const;
};

}  // namespace wembed
