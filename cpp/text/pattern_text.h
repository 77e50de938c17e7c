#pragma once
#include <cstddef>
#include <cstdint>

#include "core/status.h"

namespace wembed::text {

/// A regular expression while it is read: where reading is, and the first fault, after which nothing is left to read.
class PatternText {
 public:
  static constexpr uint32_t kNone = 0xFFFFFFFF, kNoLimit = 0xFFFFFFFF;
  static constexpr uint32_t kMostNested = 32;

  PatternText(const uint8_t* s, size_t size) : s_(s), size_(size) {}

  // These return 0, for callers that have to return something.
  uint32_t bad(const char* what) { return fault(Code::bad_file, what); }
  uint32_t unsupported(const char* what) { return fault(Code::unsupported, what); }
  const Status& status() const { return status_; }
  bool ok() const { return status_.ok(); }

  bool at_end() const { return at_ >= size_; }
  /// The next byte, or the one after it; kNone where there is none.
  uint32_t peek(size_t ahead = 0) const { return size_ - at_ > ahead ? s_[at_ + ahead] : kNone; }
  void skip() { at_ += at_ < size_; }
  bool take(char c);
  bool take(const char* text);
  /// The next character; a fault where there is none.
  uint32_t next();
  /// A repeat's bounds; false where there is none.
  bool quantifier(uint32_t* min, uint32_t* max);
  /// A number of `least` to `most` hexadecimal digits.
  uint32_t hex(uint32_t least, uint32_t most, bool braced);

  /// Whether case is ignored here.
  bool folds = false;

 private:
  uint32_t fault(Code code, const char* what);
  bool number(uint32_t* value);

  const uint8_t* s_;
  size_t size_;
  size_t at_ = 0;
  Status status_;
};

inline bool is_ascii_digit(uint32_t c) { return c - '0' < 10; }
inline bool is_ascii_letter(uint32_t c) { return (c | 32) - 'a' < 26; }

}  // namespace wembed::text
