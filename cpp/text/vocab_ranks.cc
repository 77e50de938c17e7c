#include "text/vocab_ranks.h"

#include <cstring>

#include "text/base64.h"
#include "text/vocab_section.h"

namespace wembed::text {
size_t write_ranks_section(const uint8_t* file, size_t size, uint8_t* out) {
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
    section.at = decode_base64(p, space, section.at);
    if (!section.at) return 0;
    section.add(rank);
    p = next;
  }
  if (section.empty()) return 0;
  return section.finish();
}

}  // namespace wembed::text
