#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace wembed::text {

/// memcmp(a, b, size) == 0 for pieces, most of which have some bytes: eight at a time, without a call.
inline bool same_bytes(const uint8_t* a, const uint8_t* b, size_t size) {
  const auto load64 = [](const uint8_t* p) {
    uint64_t word;
    std::memcpy(&word, p, 8);
    return word;
  };
  if (size < 8) {
    for (size_t i = 0; i < size; ++i)
      if (a[i] != b[i]) return false;
    return true;
  }
  for (size_t i = 0; i + 8 < size; i += 8)
    if (load64(a + i) != load64(b + i)) return false;
  return load64(a + size - 8) == load64(b + size - 8);
}

}  // namespace wembed::text
