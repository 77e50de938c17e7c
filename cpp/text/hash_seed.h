#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace wembed::text {

/// Random multipliers for hash tables, another pair in every program: whoever writes a file cannot know which of its
/// keys will meet. Odd, as multiplying has to keep every bit.
struct HashSeed {
  uint64_t low, high;
};
const HashSeed& hash_seed();

/// 64 bits of which the upper ones are good; of two words of a key.
inline uint64_t seeded_hash(uint64_t low, uint64_t high, const HashSeed& seed) {
  const uint64_t h = (low ^ low >> 32) * seed.low + (high ^ high >> 32) * seed.high;
  return h ^ h >> 32;
}

/// The same of bytes. Two overlapping loads read what has up to 16 without a loop.
inline uint64_t seeded_hash(const uint8_t* s, size_t size, const HashSeed& seed) {
  const auto load64 = [](const uint8_t* p) {
    uint64_t word;
    std::memcpy(&word, p, 8);
    return word;
  };
  const auto load32 = [](const uint8_t* p) {
    uint32_t word;
    std::memcpy(&word, p, 4);
    return uint64_t{word};
  };
  uint64_t h = size * seed.high;
  if (size >= 8) {
    for (size_t i = 0; i + 8 < size; i += 8) h = ((h ^ load64(s + i)) * seed.high) ^ (h >> 29);
    h ^= load64(s + size - 8);
  } else if (size >= 4) {
    h ^= load32(s) | load32(s + size - 4) << 32;
  } else if (size > 0) {
    h ^= s[0] | uint64_t{s[size / 2]} << 8 | uint64_t{s[size - 1]} << 16;
  }
  h = (h ^ h >> 32) * seed.low;
  return h ^ h >> 29;
}

}  // namespace wembed::text
