#include "text/hash_seed.h"

#include <unistd.h>

namespace wembed::text {

const HashSeed& hash_seed() {
  static const HashSeed seed = [] {
    HashSeed random{0x9E3779B97F4A7C15u, 0xC2B2AE3D27D4EB4Fu};  // where the system has nothing random to give
    uint64_t words[2];
    if (getentropy(words, sizeof words) == 0) random = {words[0], words[1]};
    random.low |= 1;
    random.high |= 1;
    return random;
  }();
  return seed;
}

}  // namespace wembed::text
