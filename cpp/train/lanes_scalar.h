#pragma once
#include <cstddef>

namespace wembed::train {

/// Four numbers worked on together, without SIMD. Every sum has the same order as in Simd128Lanes, so that both
/// variants train the same table, bit for bit.
struct ScalarLanes {
  struct V {
    float v[4];
  };
  static V splat(float a) { return {{a, a, a, a}}; }
  static V load(const float* a) { return {{a[0], a[1], a[2], a[3]}}; }
  static void store(float* a, V x) {
    for (size_t i = 0; i < 4; ++i) a[i] = x.v[i];
  }
  static V add(V x, V y) { return {{x.v[0] + y.v[0], x.v[1] + y.v[1], x.v[2] + y.v[2], x.v[3] + y.v[3]}}; }
  static V mul(V x, V y) { return {{x.v[0] * y.v[0], x.v[1] * y.v[1], x.v[2] * y.v[2], x.v[3] * y.v[3]}}; }
  static float sum(V x) { return (x.v[0] + x.v[1]) + (x.v[2] + x.v[3]); }
};

}  // namespace wembed::train
