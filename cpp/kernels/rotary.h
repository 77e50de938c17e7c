#pragma once
#include <cstddef>
#include <cstdint>

namespace wembed {

/// Which numbers of a head form a pair: (i, i + pairs) as in Hugging Face's models, or (2 i, 2 i + 1) as in GPT-J and
/// ggml.
struct RotaryShape {
  uint32_t heads = 1;
  uint32_t head_dim = 0;
  uint32_t pairs = 0;  // 2 × pairs ≤ head_dim; the numbers after them are unchanged
  bool interleaved = false;
};

/// Rotates each pair (a, b) of a head, in place, by its position's angle: (a·cos - b·sin, b·cos + a·sin) (Su et al.
/// 2021).
/// @param x         (n, heads, head_dim) f32
/// @param cos, sin  (n, pairs) f32
/// Numerics: f32, each product rounded: |error| ≤ 2·2^-24·(|a·cos| + |b·sin|); both variants give the same bits, and so
/// does web/nn/rotary.js.
void rotary_scalar(float* x, size_t n, const RotaryShape& shape, const float* cos, const float* sin);
void rotary_simd128(float* x, size_t n, const RotaryShape& shape, const float* cos, const float* sin);

}  // namespace wembed
