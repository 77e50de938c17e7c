#pragma once
#include <cmath>

namespace wembed {

/// a·b / (|a|·|b|) from the three sums. f32 inputs cannot overflow f64, so the clamp removes only rounding errors; a
/// NaN stays NaN.
inline float cosine_of(double ab, double aa, double bb) {
  if (aa == 0 || bb == 0) return 0;
  const double cosine = ab / (std::sqrt(aa) * std::sqrt(bb));
  return static_cast<float>(cosine > 1 ? 1 : cosine < -1 ? -1 : cosine);
}

}  // namespace wembed
