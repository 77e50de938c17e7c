#pragma once
#include <cstddef>

namespace wembed {

/// x becomes its Walsh-Hadamard transform: x[i] = Σ_j (-1)^popcount(i & j) × x[j], in place, √n times as long as
/// before. Numerics: log2(n) rounds of f32 sums, |error| ≤ log2(n)·2^-24·Σ|x|; both variants give the same bits.
/// @param x  (n) f32
/// @param n  a power of two
void hadamard_scalar(float* x, size_t n);
void hadamard_simd128(float* x, size_t n);

}  // namespace wembed
