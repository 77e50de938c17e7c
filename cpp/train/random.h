#pragma once
#include <cstdint>

namespace wembed::train {

/// splitmix64 (Steele, Lea and Flood 2014): the same numbers from the same seed, on every machine.
class SplitMix {
 public:
  explicit SplitMix(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// Uniform in [0, limit), limit above 0.
  uint32_t below(uint32_t limit) { return static_cast<uint32_t>(((next() >> 32) * limit) >> 32); }
  /// Uniform in [0, 1), of 24 bits.
  float number() { return static_cast<float>(next() >> 40) / 16777216.0f; }

 private:
  uint64_t state_;
};

/// word2vec's generator of 48 bits, of which it uses the upper 32.
class Linear48 {
 public:
  explicit Linear48(uint64_t state) : state_(state & kMask) {}
  uint32_t next() {
    const uint32_t value = static_cast<uint32_t>(state_ >> 16);
    state_ = (state_ * 25214903917u + 11) & kMask;
    return value;
  }

 private:
  static constexpr uint64_t kMask = (uint64_t{1} << 48) - 1;
  uint64_t state_;
};

}  // namespace wembed::train
