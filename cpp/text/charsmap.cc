#include "text/charsmap.h"

#include <algorithm>
#include <cstring>

namespace wembed::text {
namespace {

bool is_in(const uint32_t* ends, size_t n, uint32_t cp) { return (std::upper_bound(ends, ends + n, cp) - ends) & 1; }

/// Goes along the keys that s begins with, the shortest first, until found(text, length) says that it is enough; the
/// text is null where the map is wrong.
template <class Found>
void find_keys(const Array<uint32_t>& map, const uint8_t* s, size_t size, Found found) {
  const uint32_t n = map[0] / 4;
  const uint32_t* units = map.data() + 1;
  const auto offset = [](uint32_t unit) { return (unit >> 10) << ((unit & 0x200) >> 6); };
  uint32_t node = offset(units[0]);
  for (size_t i = 0; i < size && s[i]; i++) {
    node ^= s[i];
    if (node >= n || (units[node] & 0x800000FF) != s[i]) return;
    const uint32_t unit = units[node];
    node ^= offset(unit);
    if (!(unit & 0x100)) continue;
    const uint32_t at = node < n ? units[node] & 0x7FFFFFFF : UINT32_MAX;
    const bool inside = at < (map.size() - 1 - n) * 4;
    if (found(inside ? reinterpret_cast<const uint8_t*>(units + n) + at : nullptr, i + 1)) return;
  }
}

// The first key that s begins with is what the reference takes: its text, or null where there is none.
const uint8_t* find(const Array<uint32_t>& map, const uint8_t* s, size_t size) {
  const uint8_t* text = nullptr;
  find_keys(map, s, size, [&](const uint8_t* found, size_t) {
    text = found;
    return true;
  });
  return text;
}

}  // namespace

bool read_charsmap(Bytes file, Array<uint32_t>* words) {
  words->resize(file.size / 4 + 2);  // the last is zero, so that every text ends
  std::memset(words->data(), 0, words->size() * 4);
  if (file.size) std::memcpy(words->data(), file.data, file.size);
  const uint32_t trie = (*words)[0];
  return file.size >= 8 && trie % 4 == 0 && trie >= 4 && trie <= file.size - 4;
}

bool maps_space(const Array<uint32_t>& map) {
  const uint8_t space = ' ';
  return find(map, &space, 1);
}

Bytes longest_of_charsmap(const Array<uint32_t>& map, const uint8_t* s, size_t size, size_t* taken) {
  const uint8_t* text = nullptr;
  *taken = 0;
  find_keys(map, s, size, [&](const uint8_t* found, size_t length) {
    if (found) text = found, *taken = length;
    return false;
  });
  // Behind the map's last text is a zero.
  return {text, text ? std::strlen(reinterpret_cast<const char*>(text)) : 0};
}

void apply_charsmap(const Array<uint32_t>& map, const Graphemes& graphemes, size_t most, Array<CodePoint>* text,
                    Array<CodePoint>* scratch) {
  const CodePoint* s = text->data();
  const size_t n = text->size();
  const auto joins = [&](size_t i) { return i < n && is_in(graphemes.ends, graphemes.joins, s[i].cp); };
  const auto alone = [&](uint32_t cp) {
    return is_in(graphemes.ends + graphemes.joins, graphemes.size - graphemes.joins, cp);
  };
  scratch->clear();
  size_t taken = 0;
  const auto put = [&](const uint8_t* found, size_t old) {
    const size_t before = scratch->size();
    const uint8_t* const end = reinterpret_cast<const uint8_t*>(map.end());
    for (uint32_t length; *found; found += length) {
      const size_t place = std::min(scratch->size() - before, old - 1);
      scratch->push_back({decode_utf8(found, end, &length), s[taken + place].source});
    }
    if (scratch->size()) taken += old;
  };
  uint8_t utf8[12];
  for (size_t i = 0, end; i < n && scratch->size() <= most; i = end) {
    end = i + 1;
    if (s[i].cp == '\r' && end < n && s[end].cp == '\n') end++;
    if (joins(end) && !alone(s[i].cp))
      while (joins(end)) end++;
    size_t size = 0;
    for (size_t k = i; k < end && size < 6; k++) size += encode_utf8(s[k].cp, utf8 + size);
    const uint8_t* whole = size < 6 ? find(map, utf8, size) : nullptr;
    if (whole) {
      put(whole, end - i);
      continue;
    }
    for (size_t k = i; k < end; k++) {
      const uint8_t* found = find(map, utf8, encode_utf8(s[k].cp, utf8));
      if (found) {
        put(found, 1);
      } else {
        scratch->push_back({s[k].cp, s[taken].source});
        taken++;
      }
    }
  }
  text->swap(*scratch);
}

}  // namespace wembed::text
