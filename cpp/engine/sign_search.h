#pragma once
#include "core/array.h"

namespace wembed {

/// Searches rows by the signs of their numbers, a bit each (1: above zero). Holds the calls' working memory.
class SignSearch {
 public:
  /// The rows with the least distances, of equal ones the first.
  /// @param distances  (n) none above `largest`
  /// @param most       how many rows at most
  /// @param rows       (min(n, most)) receives their numbers, ascending
  /// @returns how many there are: min(n, most)
  uint32_t least(const uint32_t* distances, uint32_t n, uint32_t largest, uint32_t most, uint32_t* rows);

  /// out[i] = Σ_d ±x[d], the sign of each d being the row's.
  /// Numerics: f32 sums, |error| ≤ (dim / 8 + 16)·2^-24·Σ|x|.
  /// @param x     (dim) finite
  /// @param rows  (n) each of (dim + 7) / 8 bytes, of which bit d % 8 of byte d / 8 is for d
  /// @param out   (n)
  void products(const float* x, uint32_t dim, const uint8_t* const* rows, uint32_t n, float* out);

 private:
  Array<uint32_t> counts_;
  Array<float> sums_;  // (bytes, 256) of the eight numbers of a byte, by its bits
};

}  // namespace wembed
