#include "text/vocab_ranks.h"

#include <cstring>

#include "text/vocab_section.h"

namespace wembed::text {
namespace {

constexpr uint8_t kBad = 0xFF;

struct Base64 {
  uint8_t value[256];
  Base64() {
    std::memset(value, kBad, sizeof value);
    for (uint8_t i = 0; i < 26; ++i) {
      value[uint8_t('A' + i)] = i;
      value[uint8_t('a' + i)] = uint8_t(26 + i);
    }
    for (uint8_t i = 0; i < 10; ++i) value[uint8_t('0' + i)] = uint8_t(52 + i);
    value[uint8_t{'+'}] = 62;
    value[uint8_t{'/'}] = 63;
  }
};

/// Decodes what stands before `end`, padding and all; null where it is no base64.
uint8_t* decode(const Base64& base64, const uint8_t* p, const uint8_t* end, uint8_t* out) {
  if (p == end || (end - p) % 4) return nullptr;
  while (p < end) {
    const bool last = end - p == 4;
    const uint32_t left = last && p[3] == '=' ? (p[2] == '=' ? 1 : 2) : 3;
    uint32_t bits = 0;
    for (uint32_t i = 0; i < 4; ++i) {
      const uint8_t value = i <= left ? base64.value[p[i]] : 0;
      if (value == kBad) return nullptr;
      bits = bits << 6 | value;
    }
    if (bits & ((1u << 8 * (3 - left)) - 1)) return nullptr;  // bits that no byte takes
    for (uint32_t i = 0; i < left; ++i) *out++ = uint8_t(bits >> (16 - 8 * i));
    p += 4;
  }
  return out;
}

}  // namespace

size_t write_ranks_section(const uint8_t* file, size_t size, uint8_t* out) {
  static const Base64 base64;
  VocabSectionWriter section(size, out);
  for (const uint8_t *p = file, *const end = file + size; p < end;) {
    const auto* stop = static_cast<const uint8_t*>(std::memchr(p, '\n', static_cast<size_t>(end - p)));
    const uint8_t* next = stop ? stop + 1 : end;
    if (!stop) stop = end;
    if (stop > p && stop[-1] == '\r') --stop;
    if (stop == p) {
      p = next;
      continue;
    }
    const auto* space = static_cast<const uint8_t*>(std::memchr(p, ' ', static_cast<size_t>(stop - p)));
    if (!space || space + 1 == stop || stop - space > 9) return 0;
    uint32_t rank = 0;
    for (const uint8_t* digit = space + 1; digit < stop; ++digit) {
      if (uint8_t(*digit - '0') > 9) return 0;
      rank = rank * 10 + (*digit - '0');
    }
    section.at = decode(base64, p, space, section.at);
    if (!section.at) return 0;
    section.add(rank);
    p = next;
  }
  if (section.empty()) return 0;
  return section.finish();
}

}  // namespace wembed::text
