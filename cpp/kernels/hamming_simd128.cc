#include <cstring>

#include "kernels/hamming.h"

namespace wembed {
namespace {

// Processors count the bits of 64 at once in one instruction, those of 128 in ten.
uint64_t differing(const uint8_t* row, const uint64_t x[2]) {
  uint64_t bits[2];
  std::memcpy(bits, row, 16);
  return static_cast<uint64_t>(__builtin_popcountll(bits[0] ^ x[0])) +
         static_cast<uint64_t>(__builtin_popcountll(bits[1] ^ x[1]));
}

/// Rows of 32 bytes: x stays in registers.
void hamming_of_32(const uint8_t* rows, const uint8_t* x, size_t n, uint32_t* out) {
  uint64_t words[4];
  std::memcpy(words, x, sizeof words);
  size_t r = 0;
  for (; r + 4 <= n; r += 4, rows += 128) {
#pragma clang loop unroll(full)
    for (size_t k = 0; k < 4; ++k) {
      const uint8_t* const row = rows + 32 * k;
      out[r + k] = static_cast<uint32_t>(differing(row, words) + differing(row + 16, words + 2));
    }
  }
  for (; r < n; ++r, rows += 32) {
    out[r] = static_cast<uint32_t>(differing(rows, words) + differing(rows + 16, words + 2));
  }
}

}  // namespace

void hamming_simd128(const uint8_t* rows, const uint8_t* x, size_t n, size_t bytes, uint32_t* out) {
  if (bytes == 32) return hamming_of_32(rows, x, n, out);
  for (size_t r = 0; r < n; ++r) {
    uint64_t sum = 0;
    for (size_t i = 0; i < bytes; i += 16, rows += 16) {
      uint64_t words[2];
      std::memcpy(words, x + i, sizeof words);
      sum += differing(rows, words);
    }
    out[r] = static_cast<uint32_t>(sum);
  }
}

}  // namespace wembed
