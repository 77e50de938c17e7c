#include <cstring>

#include "text/find_byte.h"

namespace wembed::text {

size_t find_byte_scalar(const uint8_t* text, size_t at, size_t size, uint8_t byte) {
  const void* found = at < size ? std::memchr(text + at, byte, size - at) : nullptr;
  return found ? static_cast<size_t>(static_cast<const uint8_t*>(found) - text) : size;
}

}  // namespace wembed::text
