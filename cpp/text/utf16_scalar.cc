#include "text/utf16.h"

namespace wembed::text {

size_t utf16_to_utf8_scalar(const uint16_t* units, size_t n, uint8_t* utf8) {
  uint8_t* out = utf8;
  for (size_t at = 0; at < n;) at = write_character(units, n, at, &out);
  return static_cast<size_t>(out - utf8);
}

size_t utf16_room_scalar(const uint16_t* units, size_t n) {
  size_t bytes = 0;
  for (size_t at = 0; at < n; ++at) bytes += room_of_unit(units[at]);
  return bytes;
}

}  // namespace wembed::text
