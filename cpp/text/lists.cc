#include "text/lists.h"

#include <cstring>
#include <utility>

#include "text/same_bytes.h"
#include "text/unicode.h"

namespace wembed::text {
namespace {

/// The length in front of a GGUF string; false where the string is not all there.
bool take_length(const uint8_t** p, const uint8_t* end, size_t* length) {
  uint64_t value;
  if (end - *p < 8) return false;
  std::memcpy(&value, *p, 8);
  *p += 8;
  *length = static_cast<size_t>(value);
  return value <= static_cast<uint64_t>(end - *p);
}

[[gnu::noinline]] uint8_t* copy_utf8(const uint8_t* s, size_t size, uint8_t* out) {
  for (const uint8_t* end = s + size; s < end;) {
    uint32_t length = 1;
    if (*s >= 0x80 && decode_utf8(s, end, &length) == 0xFFFD && length == 1) return nullptr;
    for (; length; length--) *out++ = *s++;
  }
  return out;
}

}  // namespace

uint8_t* Lists::room(size_t size) {
  bytes_.resize(offsets_.back());
  return bytes_.extend(size);
}

bool Lists::close() {
  bytes_.resize(offsets_.back());
  return !ids_.empty() && vocabulary_.take(std::move(bytes_), std::move(offsets_), std::move(ids_)).ok();
}

bool Lists::read_strings(const uint8_t* strings, size_t size, uint32_t n) {
  uint8_t* to = room(size);
  const uint8_t *p = strings, *const end = strings + size;
  for (uint32_t i = 0; i < n; i++) {
    size_t length;
    if (!take_length(&p, end, &length)) return false;
    to = copy_utf8(p, length, to);
    if (!to) return false;
    p += length;
    add_piece(to, i);
  }
  return p == end && close();
}

uint8_t* Lists::spell(size_t size) {
  if (spelled_.size() < size) spelled_.extend(size - spelled_.size());
  return spelled_.data();
}

bool Lists::add_pair(uint8_t* pair, size_t size) {
  uint8_t* space = nullptr;
  for (size_t i = 0; i < size; i++) {
    if (pair[i] != ' ') continue;
    if (space) return false;
    space = pair + i;
  }
  if (!space) return false;
  const auto left = static_cast<size_t>(space - pair), right = size - left - 1;
  for (uint8_t* to = space; to < space + right; to++) *to = to[1];
  return add_merge(pair, left, right);
}

bool Lists::add_merge(const uint8_t* joined, size_t left, size_t right) {
  Merge merge{vocabulary_.find(joined, left), vocabulary_.find(joined + left, right), Vocab::kNone};
  const size_t size = left + right;
  // Tokens mostly have ids in the order in which they were merged.
  if (!merges_.empty()) {
    for (uint32_t id = merges_.back().merged, next = id + 1; id <= next && merge.merged == Vocab::kNone; id++) {
      const Bytes piece = vocabulary_.piece(id);
      if (piece.data && piece.size == size && same_bytes(piece.data, joined, size)) merge.merged = id;
    }
  }
  if (merge.merged == Vocab::kNone) merge.merged = vocabulary_.find(joined, size);
  merges_.push_back(merge);
  return merge.left != Vocab::kNone && merge.right != Vocab::kNone && merge.merged != Vocab::kNone;
}

bool Lists::read_merge_strings(uint8_t* strings, size_t size, uint32_t n) {
  const uint8_t *p = strings, *const end = strings + size;
  for (uint32_t i = 0; i < n; i++) {
    size_t length;
    if (!take_length(&p, end, &length) || !add_pair(strings + (p - strings), length)) return false;
    p += length;
  }
  return p == end;
}

bool Lists::read_merge_lines(uint8_t* lines, size_t size) {
  static constexpr char kVersion[] = "#version";
  uint8_t *p = lines, *end = lines + size;
  while (end > p && end[-1] == '\n') end -= end - p > 1 && end[-2] == '\r' ? 2 : 1;
  while (p < end) {
    uint8_t *stop = p, *next = end;
    while (stop < end && *stop != '\n') stop++;
    if (stop < end) next = stop + 1;
    if (stop < end && stop > p && stop[-1] == '\r') stop--;
    const auto length = static_cast<size_t>(stop - p);
    const bool comment = length >= 8 && std::memcmp(p, kVersion, 8) == 0;
    if (!comment && !add_pair(p, length)) return false;
    p = next;
  }
  return true;
}

}  // namespace wembed::text
