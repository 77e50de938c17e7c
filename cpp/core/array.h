#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <type_traits>
#include <utility>

namespace wembed {

/// Ends the call in hand: the module traps, and JavaScript makes `out_of_memory` of it (web/memory/heap.js). All
/// objects are then as they were before the allocation that failed.
[[noreturn]] void trap_out_of_memory(size_t bytes);

/// How many bytes were asked for by the allocation that ended a call; 0 where none has since this was asked last.
size_t take_out_of_memory();

/// What all arrays share: one function grows them, whatever they hold.
class RawArray {
 public:
  RawArray() = default;
  RawArray(const RawArray&) = delete;
  RawArray& operator=(const RawArray&) = delete;

 protected:
  ~RawArray();
  /// Room for at least `wanted` elements, and some more, so that appending one by one is linear.
  void grow(size_t wanted, size_t element_bytes);
  void fit(size_t element_bytes);
  void release_large(size_t element_bytes);
  void swap(RawArray& other) noexcept;

  void* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

/// A std::vector of plain values in a fraction of the code. Memory that cannot be had traps, it never throws.
template <class T>
class Array : RawArray {
  static_assert(std::is_trivially_copyable<T>::value, "elements are moved as bytes");

 public:
  Array() = default;
  explicit Array(size_t n) { resize(n); }
  Array(std::initializer_list<T> values) { append(values.begin(), values.size()); }
  Array(Array&& other) noexcept { RawArray::swap(other); }
  Array& operator=(Array&& other) noexcept {
    RawArray::swap(other);
    return *this;
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return static_cast<T*>(data_); }
  const T* data() const { return static_cast<const T*>(data_); }
  T* begin() { return data(); }
  T* end() { return data() + size_; }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size_; }
  T& operator[](size_t i) { return data()[i]; }
  const T& operator[](size_t i) const { return data()[i]; }
  T& front() { return data()[0]; }
  T& back() { return data()[size_ - 1]; }

  void push_back(const T& value) {
    const T copy = value;  // it may stand in this array
    if (size_ == capacity_) grow(size_ + 1, sizeof(T));
    data()[size_++] = copy;
  }
  void pop_back() { size_--; }
  void clear() { size_ = 0; }

  /// n more elements at the end, to be written by the caller.
  T* extend(size_t n) {
    if (n > capacity_ - size_) grow(size_ + n, sizeof(T));
    size_ += n;
    return end() - n;
  }
  void append(const T* values, size_t n) {
    if (n) std::memcpy(extend(n), values, n * sizeof(T));
  }
  void append(const Array& other) { append(other.data(), other.size()); }
  void append(size_t n, const T& value) {
    for (T *at = extend(n), *stop = end(); at < stop;) *at++ = value;
  }
  /// n elements before all others, to be written by the caller.
  T* extend_front(size_t n) {
    extend(n);
    if (size_ > n) std::memmove(data() + n, data(), (size_ - n) * sizeof(T));
    return data();
  }

  void assign(const T* values, size_t n) {
    clear();
    append(values, n);
  }
  void assign(size_t n, const T& value) {
    clear();
    append(n, value);
  }
  /// New elements are zero in every byte, unless a value is given.
  void resize(size_t n) {
    const size_t old = size_;
    size_ = n < old ? n : old;
    if (n > old) std::memset(static_cast<void*>(extend(n - old)), 0, (n - old) * sizeof(T));
  }
  void resize(size_t n, const T& value) {
    if (n < size_) size_ = n;
    append(n - size_, value);
  }
  void shrink_to_fit() { fit(sizeof(T)); }
  /// Empties the array and gives its memory back if that is more than a usual call needs: working memory that lives
  /// from call to call does so at the end of each.
  void release_large() { RawArray::release_large(sizeof(T)); }
  void swap(Array& other) noexcept { RawArray::swap(other); }
};

}  // namespace wembed
