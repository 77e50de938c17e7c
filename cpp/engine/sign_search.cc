#include "engine/sign_search.h"

namespace wembed {

uint32_t SignSearch::least(const uint32_t* distances, uint32_t n, uint32_t largest, uint32_t most, uint32_t* rows) {
  counts_.assign(size_t{largest} + 1, 0);
  uint32_t* const counts = counts_.data();
  for (uint32_t i = 0; i < n; ++i) ++counts[distances[i]];
  uint32_t limit = 0, below = 0;
  while (limit < largest && below + counts[limit] <= most) below += counts[limit++];
  // All rows nearer than the limit, and of those at the limit the first.
  uint32_t at_limit = most - below, found = 0;
  for (uint32_t i = 0; i < n; ++i) {
    if (distances[i] > limit) continue;
    if (distances[i] == limit && at_limit-- == 0) {
      ++at_limit;
      continue;
    }
    rows[found++] = i;
  }
  return found;
}

void SignSearch::products(const float* x, uint32_t dim, const uint8_t* const* rows, uint32_t n, float* out) {
  const uint32_t bytes = (dim + 7) / 8;
  sums_.resize(size_t{bytes} * 256);
  for (uint32_t b = 0; b < bytes; ++b) {
    float* const sums = sums_.data() + size_t{b} * 256;
    sums[0] = 0;
    for (uint32_t k = 0; k < 8; ++k) {
      const float value = 8 * b + k < dim ? x[8 * b + k] : 0;
      // With one more number there are twice as many sums: with it, and with its negative.
      for (uint32_t i = 0; i < (1u << k); ++i) {
        sums[(1u << k) + i] = sums[i] + value;
        sums[i] -= value;
      }
    }
  }
  for (uint32_t i = 0; i < n; ++i) {
    const uint8_t* const row = rows[i];
    const float* sums = sums_.data();
    float low = 0, high = 0;  // two chains of additions
    uint32_t b = 0;
    for (; b + 2 <= bytes; b += 2, sums += 512) {
      low += sums[row[b]];
      high += sums[256 + row[b + 1]];
    }
    out[i] = b < bytes ? low + high + sums[row[b]] : low + high;
  }
}

}  // namespace wembed
