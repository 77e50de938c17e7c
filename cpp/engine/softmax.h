#pragma once
#include <cmath>
#include <cstddef>

namespace wembed {

/// A softmax over scores that come a strip at a time: their largest and Σ e^(score - largest). The probability of a
/// score is e^(score - max) / sum.
struct SoftmaxDenominator {
  float max = -INFINITY;
  double sum = 0;

  /// Takes a strip. @param largest  of all scores, those before included
  void add(const float* scores, size_t n, float largest);
  /// The same where nobody knows the largest yet.
  void add(const float* scores, size_t n);

  /// @param score  at most max
  float probability(float score) const;
};

}  // namespace wembed
