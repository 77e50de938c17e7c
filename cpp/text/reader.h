#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#include "text/vocab.h"

namespace wembed::text {

/// Reads the little-endian words of a spec. After the first read beyond the end, or failed check, everything reads as
/// nothing and ok() stays false: callers check once a section.
class Reader {
 public:
  Reader(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  uint32_t u32() {
    const uint8_t* p = take(4);
    uint32_t v = 0;
    if (p) std::memcpy(&v, p, 4);
    return v;
  }

  /// A length, then so many bytes, padded to a multiple of four.
  Bytes bytes() {
    const size_t n = u32();
    const size_t padded = n + (4 - n % 4) % 4;
    const uint8_t* p = take(padded);
    return p ? Bytes{p, n} : Bytes{};
  }

  /// n words, or null. Specs are words throughout, so they stay aligned if the spec is.
  const uint32_t* words(size_t n) {
    const uint8_t* p = n <= size_ / 4 ? take(n * 4) : fail();
    return reinterpret_cast<const uint32_t*>(p);
  }

  bool ok() const { return ok_; }
  bool at_end() const { return at_ == size_; }
  const uint8_t* fail() {
    ok_ = false;
    at_ = size_;
    return nullptr;
  }

 private:
  const uint8_t* take(size_t n) {
    if (n > size_ - at_) return fail();
    const uint8_t* p = data_ + at_;
    at_ += n;
    return p;
  }

  const uint8_t* data_;
  size_t size_;
  size_t at_ = 0;
  bool ok_ = true;
};

/// The steps of a section. Not an Array: steps own what an Array would copy byte by byte.
template <class Step>
class Steps {
 public:
  const Step* begin() const { return steps_.get(); }
  const Step* end() const { return steps_.get() + n_; }
  bool empty() const { return n_ == 0; }
  size_t size() const { return n_; }
  void clear() { n_ = 0; }
  const Step& operator[](size_t i) const { return steps_[i]; }
  /// Takes the step; false where there are more than any file has a use for.
  bool add(Step* step) {
    if (n_ == kMost) return false;
    if (n_ == room_) grow();
    steps_[n_++] = std::move(*step);
    return true;
  }

 private:
  static constexpr size_t kMost = 1024;

  void grow() {
    room_ = room_ ? 2 * room_ : 4;
    std::unique_ptr<Step[]> steps(new Step[room_]);
    for (size_t i = 0; i < n_; i++) steps[i] = std::move(steps_[i]);
    steps_ = std::move(steps);
  }

  std::unique_ptr<Step[]> steps_;
  size_t n_ = 0, room_ = 0;
};

}  // namespace wembed::text
