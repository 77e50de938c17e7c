#include "text/pattern_text.h"

#include <cstring>

#include "text/unicode.h"

namespace wembed::text {
namespace {

constexpr uint32_t kMostRepeats = 1000;

}  // namespace

uint32_t PatternText::fault(Code code, const char* what) {
  if (status_.ok()) status_ = {code, what, double(at_), double(size_)};
  at_ = size_;
  return 0;
}

bool PatternText::take(char c) {
  if (peek() != static_cast<uint8_t>(c)) return false;
  ++at_;
  return true;
}

bool PatternText::take(const char* text) {
  const size_t n = std::strlen(text);
  if (size_ - at_ < n || std::memcmp(s_ + at_, text, n) != 0) return false;
  at_ += n;
  return true;
}

uint32_t PatternText::next() {
  if (at_ >= size_) return bad("a pattern that ends too soon");
  uint32_t length;
  const uint32_t cp = decode_utf8(s_ + at_, s_ + size_, &length);
  at_ += length;
  return cp;
}

bool PatternText::quantifier(uint32_t* min, uint32_t* max) {
  *min = 0;
  *max = kNoLimit;
  if (take('*')) return true;
  if (take('+')) return *min = 1, true;
  if (take('?')) return *max = 1, true;
  const size_t begin = at_;
  if (!take('{')) return false;
  const bool has_min = number(min), comma = take(',');
  const bool has_max = comma ? number(max) : (*max = *min, has_min);
  if (!take('}') || !(has_min || has_max)) {  // then it is a brace
    at_ = begin;
    return false;
  }
  if ((has_min && *min > kMostRepeats) || (has_max && *max > kMostRepeats)) unsupported("a repeat of too many times");
  if (*min > *max) unsupported("a repeat whose bounds are reversed");
  return true;
}

bool PatternText::number(uint32_t* value) {
  if (!is_ascii_digit(peek())) return false;
  uint32_t n = 0;
  while (is_ascii_digit(peek())) n = n > kMostRepeats ? n : n * 10 + (s_[at_] - '0'), ++at_;
  *value = n;
  return true;
}

uint32_t PatternText::hex(uint32_t least, uint32_t most, bool braced) {
  uint32_t value = 0, n = 0;
  for (; n < most; ++n, ++at_) {
    const uint32_t c = peek(), letter = (c | 32) - 'a';
    if (!is_ascii_digit(c) && letter >= 6) break;
    value = value << 4 | (is_ascii_digit(c) ? c - '0' : letter + 10);
  }
  if (n < least) return unsupported("an escape without its digits");
  if (!braced && most == 2 && value >= 0x80) return unsupported("an escape of a byte beyond ASCII");
  if (braced && !take('}')) return unsupported("an escape without its closing brace");
  return value;
}

}  // namespace wembed::text
