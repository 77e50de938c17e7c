#pragma once
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "core/status.h"

/// What every target is: the bytes that libFuzzer made, and nothing found wrong with what they lead to.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace wembed {

/// Takes values off the front of an input; zeros once it has ended.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  uint32_t byte() {
    if (size_ == 0) return 0;
    --size_;
    return *data_++;
  }
  uint32_t u16() {
    const uint32_t low = byte();
    return low | byte() << 8;
  }
  size_t size() const { return size_; }

  /// A copy of exactly so many bytes, aligned as memory from malloc is: reads past it are seen. At most what is left.
  std::unique_ptr<uint8_t[]> take(size_t n) {
    if (n > size_) n = size_;
    std::unique_ptr<uint8_t[]> copy(new uint8_t[n]);
    if (n > 0) std::memcpy(copy.get(), data_, n);
    data_ += n;
    size_ -= n;
    return copy;
  }

 private:
  const uint8_t* data_;
  size_t size_;
};

/// What must hold whatever the input.
inline void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace wembed
