#include "text/hash_seed.h"

#include <unistd.h>

namespace wembed::text {
namespace {

#ifdef __EMSCRIPTEN__
extern "C" float emscripten_random();  // Math.random
#endif

// Math.random, which engines seed with what no file can know: Node takes 2 ms to load `crypto`.
uint64_t random_bits() {
#ifdef __EMSCRIPTEN__
  uint64_t bits = 0;
  for (int i = 0; i < 4; i++) bits = bits << 16 ^ static_cast<uint64_t>(emscripten_random() * 65536.0f);
  return bits;
#else
  uint64_t bits = 0x9E3779B97F4A7C15u;  // where the system has nothing random to give
  return getentropy(&bits, sizeof bits) == 0 ? bits : ~bits;
#endif
}

}  // namespace

const HashSeed& hash_seed() {
  static const HashSeed seed = {random_bits() | 1, random_bits() | 1};
  return seed;
}

}  // namespace wembed::text
