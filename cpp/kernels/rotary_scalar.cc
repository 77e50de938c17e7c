#include "kernels/rotary.h"
#include "kernels/rotary_pair.h"

namespace wembed {

void rotary_scalar(float* x, size_t n, const RotaryShape& shape, const float* cos, const float* sin) {
  const size_t step = shape.interleaved ? 2 : 1, apart = shape.interleaved ? 1 : shape.pairs;
  for (size_t i = 0; i < n; ++i, cos += shape.pairs, sin += shape.pairs) {
    for (size_t head = 0; head < shape.heads; ++head, x += shape.head_dim) {
      for (size_t k = 0; k < shape.pairs; ++k) turn_pair(x + k * step, x + k * step + apart, cos[k], sin[k]);
    }
  }
}

}  // namespace wembed
