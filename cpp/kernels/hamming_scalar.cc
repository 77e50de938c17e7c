#include <cstring>

#include "kernels/hamming.h"

namespace wembed {

void hamming_scalar(const uint8_t* rows, const uint8_t* x, size_t n, size_t bytes, uint32_t* out) {
  for (size_t r = 0; r < n; ++r, rows += bytes) {
    int differing = 0;
    for (size_t i = 0; i < bytes; i += 8) {
      uint64_t a, b;
      std::memcpy(&a, rows + i, 8);
      std::memcpy(&b, x + i, 8);
      differing += __builtin_popcountll(a ^ b);
    }
    out[r] = static_cast<uint32_t>(differing);
  }
}

}  // namespace wembed
