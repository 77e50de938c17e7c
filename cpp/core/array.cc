#include "core/array.h"

#include <cstdlib>

namespace wembed {
namespace {

size_t failed_bytes = 0;

/// Working memory of up to this many bytes is not released after a call: enough to sort a large vocabulary (262,144).
constexpr size_t kKeptBytes = 1 << 22;

void* reallocate(void* data, size_t n, size_t element_bytes) {
  const uint64_t bytes = uint64_t{n} * element_bytes;
  void* moved = bytes <= SIZE_MAX / 2 + (SIZE_MAX >> 2) ? std::realloc(data, static_cast<size_t>(bytes)) : nullptr;
  if (!moved) trap_out_of_memory(bytes < SIZE_MAX ? static_cast<size_t>(bytes) : SIZE_MAX);
  return moved;
}

}  // namespace

void trap_out_of_memory(size_t bytes) {
  failed_bytes = bytes ? bytes : 1;
  __builtin_trap();
}

size_t take_out_of_memory() {
  const size_t bytes = failed_bytes;
  failed_bytes = 0;
  return bytes;
}

RawArray::~RawArray() { std::free(data_); }

// Small arrays double; large arrays grow by a quarter, so that a long text leaves little memory unused.
void RawArray::grow(size_t needed, size_t element_bytes) {
  const size_t more = capacity_ * element_bytes < (1u << 20) ? capacity_ : capacity_ / 4;
  size_t capacity = capacity_ + more;
  if (capacity < needed) capacity = needed;
  if (capacity < 16) capacity = 16;
  data_ = reallocate(data_, capacity, element_bytes);
  capacity_ = capacity;
}

void RawArray::fit(size_t element_bytes) {
  if (size_ == 0 || size_ == capacity_) return;
  data_ = reallocate(data_, size_, element_bytes);
  capacity_ = size_;
}

void RawArray::release_large(size_t element_bytes) {
  if (capacity_ * element_bytes <= kKeptBytes) return;
  std::free(data_);
  data_ = nullptr;
  size_ = capacity_ = 0;
}

void RawArray::swap(RawArray& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(capacity_, other.capacity_);
}

}  // namespace wembed
