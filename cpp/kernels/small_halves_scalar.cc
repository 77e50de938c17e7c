#include <cstring>

#include "kernels/small_halves.h"

namespace wembed {

size_t small_halves_scalar(const uint8_t* row, size_t dim, size_t most, uint16_t* columns) {
  size_t found = 0;
  for (size_t d = 0; d < dim && found <= most; ++d) {
    uint16_t half;
    std::memcpy(&half, row + 2 * d, sizeof half);
    if ((half & 0x7c00) == 0) columns[found++] = static_cast<uint16_t>(d);
  }
  return found;
}

}  // namespace wembed
