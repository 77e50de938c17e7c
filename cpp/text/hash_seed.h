#pragma once
#include <cstdint>

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

}  // namespace wembed::text
