#include <cstring>

#include "kernels/hamming.h"

namespace wembed {

// Processors count the bits of 64 at once in one instruction, those of 128 in ten.
void hamming_simd128(const uint8_t* rows, const uint8_t* x, size_t n, size_t bytes, uint32_t* out) {
  for (size_t r = 0; r < n; ++r) {
    uint64_t even = 0, odd = 0;
    for (size_t i = 0; i < bytes; i += 16, rows += 16) {
      uint64_t a[2], b[2];
      std::memcpy(a, rows, 16);
      std::memcpy(b, x + i, 16);
      even += static_cast<uint64_t>(__builtin_popcountll(a[0] ^ b[0]));
      odd += static_cast<uint64_t>(__builtin_popcountll(a[1] ^ b[1]));
    }
    out[r] = static_cast<uint32_t>(even + odd);
  }
}

}  // namespace wembed
