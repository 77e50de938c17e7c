#include "text/base64.h"

#include <cstring>

namespace wembed::text {
namespace {

constexpr uint8_t kBad = 0xFF;

struct Values {
  uint8_t of[256];
  Values() {
    std::memset(of, kBad, sizeof of);
    for (uint8_t i = 0; i < 26; ++i) {
      of[uint8_t('A' + i)] = i;
      of[uint8_t('a' + i)] = uint8_t(26 + i);
    }
    for (uint8_t i = 0; i < 10; ++i) of[uint8_t('0' + i)] = uint8_t(52 + i);
    of[uint8_t{'+'}] = 62;
    of[uint8_t{'/'}] = 63;
  }
};

}  // namespace

uint8_t* decode_base64(const uint8_t* p, const uint8_t* end, uint8_t* out) {
  static const Values values;
  if (p == end || (end - p) % 4) return nullptr;
  while (p < end) {
    const bool last = end - p == 4;
    const uint32_t left = last && p[3] == '=' ? (p[2] == '=' ? 1 : 2) : 3;
    uint32_t bits = 0;
    for (uint32_t i = 0; i < 4; ++i) {
      const uint8_t value = i <= left ? values.of[p[i]] : 0;
      if (value == kBad) return nullptr;
      bits = bits << 6 | value;
    }
    if (bits & ((1u << 8 * (3 - left)) - 1)) return nullptr;  // bits that no byte takes
    for (uint32_t i = 0; i < left; ++i) *out++ = uint8_t(bits >> (16 - 8 * i));
    p += 4;
  }
  return out;
}

}  // namespace wembed::text
