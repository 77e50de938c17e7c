#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

namespace wembed {

/// A reproducible stream of numbers (xorshift64*).
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 2685821657736338717u + 1) {}
  uint32_t bits() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return static_cast<uint32_t>((state_ * 2685821657736338717u) >> 32);
  }
  uint32_t below(uint32_t limit) { return bits() % limit; }
  /// Uniform in [-1, 1).
  float number() { return static_cast<float>(bits()) / 2147483648.0f - 1.0f; }

 private:
  uint64_t state_;
};

/// Floats between two sentinels, at an address `misalignment` floats past a 16-byte boundary, so that a write outside
/// the output is caught even without a sanitizer.
class GuardedFloats {
 public:
  GuardedFloats(size_t size, size_t misalignment) : size_(size), storage_(size + 16, kSentinel) {
    const uintptr_t address = reinterpret_cast<uintptr_t>(storage_.data() + 4);
    begin_ = 4 + (16 - address % 16) % 16 / 4 + misalignment % 4;
  }
  float* data() { return storage_.data() + begin_; }
  float& operator[](size_t i) { return data()[i]; }
  size_t size() const { return size_; }
  bool intact() const {
    for (size_t i = 0; i < storage_.size(); ++i) {
      const bool inside = i >= begin_ && i < begin_ + size_;
      if (!inside && std::memcmp(&storage_[i], &kSentinel, 4) != 0) return false;
    }
    return true;
  }

 private:
  static constexpr float kSentinel = -12345.678f;
  size_t size_;
  size_t begin_ = 0;
  std::vector<float> storage_;
};

/// The same bits, except that all NaNs are equal: WebAssembly does not define their payload.
inline bool same_bits(float a, float b) {
  return (std::isnan(a) && std::isnan(b)) || std::memcmp(&a, &b, sizeof a) == 0;
}

inline const std::vector<size_t>& odd_sizes() {
  static const std::vector<size_t> sizes = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 256, 300};
  return sizes;
}

inline const std::vector<float>& extreme_floats() {
  using limits = std::numeric_limits<float>;
  static const std::vector<float> values = {0.0f,
                                            -0.0f,
                                            limits::infinity(),
                                            -limits::infinity(),
                                            limits::quiet_NaN(),
                                            limits::denorm_min(),
                                            -limits::denorm_min(),
                                            limits::min(),
                                            limits::max(),
                                            limits::lowest()};
  return values;
}

}  // namespace wembed
