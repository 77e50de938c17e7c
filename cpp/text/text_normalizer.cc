#include "text/text_normalizer.h"

#include <algorithm>
#include <cstring>

#include "text/unicode.h"

namespace wembed::text {
namespace {

bool is_solid(uint32_t cp) { return is_letter(cp) || is_number(cp); }

bool is_between_solid(const uint8_t* text, size_t space, size_t size) {
  if (space == 0 || space + 1 == size) return false;
  size_t begin;
  uint32_t length;
  return is_solid(code_point_before(text, space, &begin)) &&
         is_solid(decode_utf8(text + space + 1, text + size, &length));
}

}  // namespace

Status TextNormalizer::build(Reader* in) {
  const Status status = steps_.build(in);
  by_parts_ = steps_.by_parts();
  return status;
}

void TextNormalizer::pass(const uint8_t* text, size_t at, size_t from, size_t to, uint32_t* begin, uint32_t* end) {
  *begin = position_ -= units(text + from, at - from);
  *end = position_ += units(text + from, to - from);
}

uint32_t TextNormalizer::units(const uint8_t* text, size_t size) {
  uint32_t n = 0;
  for (size_t i = 0; i < size; i++) n += text[i] >= 0xF0 ? 2 : (text[i] & 0xC0) != 0x80;
  return n;
}

size_t TextNormalizer::part_end(const uint8_t* text, size_t begin, size_t size) const {
  for (size_t i = begin; size - i > part_;) {
    const void* space = std::memchr(text + i + part_, ' ', size - i - part_);
    if (!space) break;
    const size_t at = static_cast<size_t>(static_cast<const uint8_t*>(space) - text);
    if (is_between_solid(text, at, size)) return at;
    i = at + 1 - part_;
  }
  return size;
}

bool TextNormalizer::apply(const uint8_t* text, size_t size, Text* out) {
  starts_late_ = false;
  if (steps_.empty() && !out->tracked) {
    out->bytes.assign(text, size);
    return true;
  }
  out->bytes.clear();
  out->source.clear();
  for (size_t begin = 0, end; begin < size; begin = end) {
    end = by_parts_ ? part_end(text, begin, size) : size;
    if (!apply_part(text + begin, end - begin, begin == 0, end == size, out)) return false;
  }
  return true;
}

bool TextNormalizer::apply_part(const uint8_t* text, size_t size, bool at_start, bool at_end, Text* out) {
  code_points_.clear();
  uint32_t length;
  for (size_t i = 0; i < size; i += length) {
    const uint32_t cp = decode_utf8(text + i, text + size, &length);
    const uint32_t wide = cp >= 0x10000;
    code_points_.push_back({cp, position_ << 1 | wide});
    position_ += 1 + wide;
  }
  const uint32_t first = size ? code_points_.front().source >> 1 : 0;
  const bool done = steps_.apply(at_start, at_end, &code_points_);
  if (at_start) starts_late_ = code_points_.empty() || code_points_.front().source >> 1 != first;
  size_t end = out->bytes.size();
  out->bytes.extend(code_points_.size() * 4);
  for (const CodePoint& c : code_points_) {
    const uint32_t n = encode_utf8(c.cp, out->bytes.data() + end);
    if (out->tracked) out->source.append(n, c.source);
    end += n;
  }
  out->bytes.resize(end);
  return done;
}

}  // namespace wembed::text
