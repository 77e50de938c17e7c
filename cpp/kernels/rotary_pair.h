#pragma once

namespace wembed {

/// The rotation of one pair: the definition of `rotary`.
inline void turn_pair(float* a, float* b, float cos, float sin) {
  const float x = *a, y = *b;
  *a = x * cos - y * sin;
  *b = y * cos + x * sin;
}

}  // namespace wembed
