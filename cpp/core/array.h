#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <type_traits>
#include <utility>

namespace wembed {

/// Ends the current call: the module traps, and JavaScript turns the trap into `out_of_memory` (web/memory/heap.js).
/// All objects are then as they were before the failed allocation.
[[noreturn]] void trap_out_of_memory(size_t bytes);

/// The bytes requested by the allocation that ended a call; 0 if none has since the last call of this function.
size_t take_out_of_memory();

/// The part that all arrays share: one growth function for every element type.
class RawArray {
 public:
  RawArray() = default;
  RawArray(const RawArray&) = delete;
  RawArray& operator=(const RawArray&) = delete;

 protected:
  ~RawArray();
  /// Makes room for at least `needed` elements, and some more, so that appending one by one takes linear time.
  void grow(size_t needed, size_t element_bytes);
  void fit(size_t element_bytes);
  void release_large(size_t element_bytes);
  void swap(RawArray& other) noexcept;

  void* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

/// A std::vector of plain values with a fraction of the code. It never throws: a failed allocation traps.
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
    const T copy = value;  // it may be an element of this array
    // T may itself be a pointer (a pattern's nodes): its own size is meant.
    // NOLINTNEXTLINE(bugprone-sizeof-expression)
    if (size_ == capacity_) grow(size_ + 1, sizeof(T));
    data()[size_++] = copy;
  }
  void pop_back() { size_--; }
  void clear() { size_ = 0; }

  /// Appends n elements, to be written by the caller.
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
  /// Prepends n elements, to be written by the caller.
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
  /// New elements have all bytes zero, unless a value is given.
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
  /// Empties the array and releases its memory if it is larger than a usual call needs. Working memory that lives from
  /// call to call does this at the end of each call.
  void release_large() { RawArray::release_large(sizeof(T)); }
  void swap(Array& other) noexcept { RawArray::swap(other); }
};

}  // namespace wembed
