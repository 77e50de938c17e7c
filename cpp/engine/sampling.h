#pragma once
#include "core/array.h"
#include "engine/softmax.h"
#include "engine/top_k.h"

namespace wembed {

/// Which tokens may be drawn, in the order that transformers applies its warpers.
struct Sampling {
  float temperature = 1;  // 0: the most likely token
  uint32_t top_k = 0;     // 0: all
  float top_p = 1;        // the fewest most likely tokens of at least this probability
  float min_p = 0;        // tokens of at least this part of the most likely one's probability
};

/// Draws one of a vocabulary's tokens by their scores.
class Sampler {
 public:
  /// @param scores  (n) f32, n ≥ 1; divided by the temperature, which is above 0, in place
  /// @param u       in [0, 1): the draw
  /// @returns the token's id; kNoId where the scores are no distribution: one is NaN or +infinity, or all are -infinity
  uint32_t draw(float* scores, uint32_t n, const Sampling& sampling, double u);

 private:
  void keep_likely(const float* scores, uint32_t n, const Sampling& sampling, const SoftmaxDenominator& all);

  Array<Candidate> heap_, kept_;
};

}  // namespace wembed
