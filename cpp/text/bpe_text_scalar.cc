#include "text/bpe_text.h"

namespace wembed::text {
namespace {

struct Block16Scalar {
  explicit Block16Scalar(const uint8_t* p) : p_(p) {}
  template <class Is>
  uint32_t run(uint32_t from, Is is) const {
    uint32_t at = from;
    while (at < 16 && is(p_[at])) ++at;
    return at - from;
  }
  static bool is_upper(uint8_t c) { return uint8_t(c - 'A') < 26; }
  static bool is_lower(uint8_t c) { return uint8_t(c - 'a') < 26; }
  static bool is_letter(uint8_t c) { return is_lower(c | 32); }
  static bool is_digit(uint8_t c) { return uint8_t(c - '0') < 10; }
  static bool is_space(uint8_t c) { return c == ' ' || uint8_t(c - 9) < 5; }

  uint32_t letters(uint32_t from) const { return run(from, is_letter); }
  uint32_t upper(uint32_t from) const { return run(from, is_upper); }
  uint32_t lower(uint32_t from) const { return run(from, is_lower); }
  uint32_t digits(uint32_t from) const { return run(from, is_digit); }
  uint32_t spaces(uint32_t from) const { return run(from, is_space); }
  uint32_t others(uint32_t from) const {
    return run(from, [](uint8_t c) { return c < 0x80 && !is_letter(c) && !is_digit(c) && !is_space(c); });
  }

 private:
  const uint8_t* p_;
};

}  // namespace

size_t bpe_text_scalar(Bpe& bpe, Pattern pattern, const uint8_t* text, size_t size, size_t most,
                       Array<uint32_t>* ids) {
  return bpe_text<Block16Scalar>(bpe, pattern, text, size, most, ids);
}

}  // namespace wembed::text
