#include "text/piece_normalizer.h"

#include <algorithm>
#include <utility>

#include "core/small.h"
#include "text/charsmap.h"

namespace wembed::text {
namespace {

constexpr uint32_t kEscaped = 0x2581;

bool is_space(Bytes s) { return s.size == 1 && s.data[0] == ' '; }

}  // namespace

WEMBED_SMALL bool PieceNormalizer::build(uint32_t flags, Bytes charsmap, Bytes pieces) {
  flags_ = flags;
  if (charsmap.size && !read_charsmap(charsmap, &map_)) return false;
  Array<uint8_t> bytes;
  Array<uint32_t> offsets{0};
  for (size_t i = 0; i < pieces.size; i++) {
    if (pieces.data[i]) {
      bytes.push_back(pieces.data[i]);
    } else {
      if (bytes.size() == offsets.back()) return false;
      offsets.push_back(static_cast<uint32_t>(bytes.size()));
    }
  }
  if (bytes.size() != offsets.back()) return false;
  const auto n = static_cast<uint32_t>(offsets.size() - 1);
  any_piece_ = n > 0;
  if (!any_piece_) return true;
  Vocab vocab;
  if (!vocab.take(std::move(bytes), std::move(offsets), {}).ok()) return false;
  pieces_.build(vocab, n);
  return true;
}

/// The length of the longest user-defined piece that begins there, or 0.
size_t PieceNormalizer::user_defined_at(size_t byte) const {
  size_t longest = 0;
  uint32_t node = 0;
  for (size_t i = byte; any_piece_ && i < utf8_.size(); i++) {
    node = pieces_.step(node, utf8_[i]);
    if (node == PieceTrie::kNone) break;
    if (pieces_.piece_at(node) != PieceTrie::kNone) longest = i + 1 - byte;
  }
  return longest;
}

PieceNormalizer::Prefix PieceNormalizer::prefix_at(size_t byte) const {
  const uint8_t* s = utf8_.data() + byte;
  const size_t left = utf8_.size() - byte, own = user_defined_at(byte);
  if (own) return {own, {s, own}};
  size_t taken = 0;
  const Bytes mapped = map_.empty() ? Bytes{} : longest_of_charsmap(map_, s, left, &taken);
  if (taken) return {taken, mapped};
  const size_t length = std::min(size_t{utf8_length(*s)}, left);
  return {length, {s, length}};
}

void PieceNormalizer::apply(size_t most, Array<CodePoint>* text, Array<CodePoint>* scratch) {
  const bool trims = flags_ & kTrim;
  const uint32_t space = flags_ & kEscape ? kEscaped : ' ';
  utf8_.clear();
  for (const CodePoint& c : *text) {
    uint8_t encoded[4];
    utf8_.append(encoded, encode_utf8(c.cp, encoded));
  }
  scratch->clear();
  size_t byte = 0, at = 0;  // the same place in utf8_ and in text
  const auto advance = [&](size_t taken) {
    for (const size_t end = byte + taken; byte < end; at++) byte += utf8_length(utf8_[byte]);
  };
  while (trims && byte < utf8_.size()) {
    const Prefix prefix = prefix_at(byte);
    if (!is_space(prefix.becomes)) break;
    advance(prefix.taken);
  }
  if (byte == utf8_.size()) return text->clear();
  if ((flags_ & kPrefix) && !(flags_ & kSuffix)) scratch->push_back({space, (*text)[at].source});
  for (bool after_space = trims; byte < utf8_.size() && scratch->size() <= most;) {
    const auto [taken, becomes] = prefix_at(byte);
    const uint8_t *s = becomes.data, *const end = s + becomes.size;
    while (after_space && s < end && *s == ' ') s++;
    if (s < end) after_space = trims && end[-1] == ' ';
    size_t place = at;
    advance(taken);
    for (uint32_t length; s < end; s += length, place++) {
      const uint32_t cp = decode_utf8(s, end, &length);
      scratch->push_back({cp == ' ' ? space : cp, (*text)[std::min(place, at - 1)].source});
    }
  }
  while (trims && !scratch->empty() && scratch->back().cp == space) scratch->pop_back();
  if ((flags_ & kPrefix) && (flags_ & kSuffix)) scratch->push_back({space, text->back().source});
  text->swap(*scratch);
}

}  // namespace wembed::text
