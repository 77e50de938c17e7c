#pragma once
// The definition of logistic_step.h's functions over either kind of lanes.
#include <cmath>

#include "train/logistic_step.h"

namespace wembed::train {

template <class Lanes>
struct LogisticStep {
  using V = typename Lanes::V;

  /// N rows in one pass over x for the products, and one for the changes.
  template <size_t N>
  static double block(const SigmoidTable& sigmoid, const float* x, float* const* given, const float* labels, size_t dim,
                      float alpha, float* change) {
    float* rows[N];
    V sums[N];
    for (size_t k = 0; k < N; ++k) {
      rows[k] = given[k];
      sums[k] = Lanes::splat(0);
    }
    for (size_t d = 0; d < dim; d += kLanes) {
      const V own = Lanes::load(x + d);
      for (size_t k = 0; k < N; ++k) sums[k] = Lanes::add(sums[k], Lanes::mul(own, Lanes::load(rows[k] + d)));
    }
    double loss = 0;
    V g[N];
    for (size_t k = 0; k < N; ++k) {
      const float dot = Lanes::sum(sums[k]);
      g[k] = Lanes::splat(gradient(sigmoid, dot, labels[k], &loss) * alpha);
    }
    for (size_t d = 0; d < dim; d += kLanes) {
      const V own = Lanes::load(x + d);
      V sum = Lanes::load(change + d);
      for (size_t k = 0; k < N; ++k) {
        const V row = Lanes::load(rows[k] + d);
        sum = Lanes::add(sum, Lanes::mul(g[k], row));
        Lanes::store(rows[k] + d, Lanes::add(row, Lanes::mul(g[k], own)));
      }
      Lanes::store(change + d, sum);
    }
    return loss;
  }

  static float gradient(const SigmoidTable& sigmoid, float dot, float label, double* loss) {
    const float right = label > 0 ? dot : -dot;
    if (!(dot > -kMostDot && dot < kMostDot)) {
      *loss += right > 0 ? 0 : -static_cast<double>(right);  // NaN stays NaN
      return 0;
    }
    *loss -= sigmoid.log[step(right)];
    return label - sigmoid.value[step(dot)];
  }
  static int step(float dot) { return static_cast<int>((static_cast<double>(dot) + kMostDot) * kStepsPerUnit); }

  static double all(const SigmoidTable& sigmoid, const float* x, float* const* rows, const float* labels, size_t n,
                    size_t dim, float alpha, float* change) {
    double loss = 0;
    size_t k = 0;
    for (; k + 6 <= n; k += 6) loss += block<6>(sigmoid, x, rows + k, labels + k, dim, alpha, change);
    for (; k + 3 <= n; k += 3) loss += block<3>(sigmoid, x, rows + k, labels + k, dim, alpha, change);
    for (; k < n; ++k) loss += block<1>(sigmoid, x, rows + k, labels + k, dim, alpha, change);
    return loss;
  }

  static void add_scaled(float* y, const float* x, float a, size_t dim) {
    const V factor = Lanes::splat(a);
    for (size_t d = 0; d < dim; d += kLanes) {
      Lanes::store(y + d, Lanes::add(Lanes::load(y + d), Lanes::mul(factor, Lanes::load(x + d))));
    }
  }
  static void scale(float* x, float a, size_t dim) {
    const V factor = Lanes::splat(a);
    for (size_t d = 0; d < dim; d += kLanes) Lanes::store(x + d, Lanes::mul(factor, Lanes::load(x + d)));
  }
};

}  // namespace wembed::train
