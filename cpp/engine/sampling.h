#pragma once
#include "core/array.h"
#include "engine/softmax.h"
#include "engine/top_k.h"

namespace wembed {

/// Which tokens may be drawn; the limits apply in the order in which transformers applies its warpers.
struct Sampling {
  float temperature = 1;  // 0: the most likely token
  uint32_t top_k = 0;     // 0: all
  float top_p = 1;        // the smallest set of most likely tokens with at least this probability in total
  float min_p = 0;        // tokens with at least this fraction of the highest probability
};

/// Draws a token of a vocabulary by the tokens' scores.
class Sampler {
 public:
  /// @param scores  (n) f32, n ≥ 1; divided by the temperature, which is above 0, in place
  /// @param u       in [0, 1): the draw
  /// @returns the token's id; kNoId if the scores form no distribution: one is NaN or +infinity, or all are -infinity
  uint32_t draw(float* scores, uint32_t n, const Sampling& sampling, double u);

 private:
  void keep_likely(const float* scores, uint32_t n, const Sampling& sampling, const SoftmaxDenominator& all);

  Array<Candidate> heap_, kept_;
};

}  // namespace wembed
