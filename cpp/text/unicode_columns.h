#pragma once
#include <algorithm>
#include <cstdint>

#include "core/array.h"

// What the generated tables are written in: columns of small numbers, since like compresses best beside like.

namespace wembed::text {

inline uint32_t varint(const uint8_t** p) {
  uint32_t v = 0;
  for (int shift = 0;; shift += 7) {
    const uint8_t b = *(*p)++;
    v |= static_cast<uint32_t>(b & 0x7F) << shift;
    if (b < 0x80) return v;
  }
}

inline int32_t zigzag(const uint8_t** p) {
  const uint32_t v = varint(p);
  return static_cast<int32_t>(v >> 1) ^ -static_cast<int32_t>(v & 1);
}

/// Runs of code points that have one value: the values, then the lengths.
struct Runs {
  uint32_t left;
  const uint8_t *value, *length;

  explicit Runs(const uint8_t* p) : left(varint(&p)), value(p), length(p + left) {}
  /// Passes over a run; returns its length.
  uint32_t next() {
    left--;
    value++;
    return varint(&length);
  }
};

/// A mapping from code points to short strings of them: sorted keys, and where in `targets` each one's begins.
struct Mapping {
  Array<uint32_t> keys, begins, targets;

  /// @param to_self  first targets are told by how far they are from their keys
  void read(const uint8_t* p, bool to_self) {
    const uint32_t head_bytes = varint(&p), first_bytes = varint(&p);
    const uint8_t *firsts = p + head_bytes, *others = firsts + first_bytes;
    uint32_t cp = 0x80, first = 0;
    for (const uint8_t* const end = firsts; p < end;) {
      const uint32_t head = varint(&p);
      uint32_t n = head & 3;
      if (n == 3) n += varint(&p);
      cp += head >> 2;
      keys.push_back(cp);
      begins.push_back(static_cast<uint32_t>(targets.size()));
      first = (to_self ? cp : first) + static_cast<uint32_t>(zigzag(&firsts));
      targets.push_back(first);
      for (; n > 0; n--) targets.push_back(varint(&others));
    }
    begins.push_back(static_cast<uint32_t>(targets.size()));
  }

  /// Requires that cp is a key.
  const uint32_t* find(uint32_t cp, uint32_t* n) const {
    const size_t i = static_cast<size_t>(std::lower_bound(keys.begin(), keys.end(), cp) - keys.begin());
    *n = begins[i + 1] - begins[i];
    return targets.data() + begins[i];
  }
};

}  // namespace wembed::text
