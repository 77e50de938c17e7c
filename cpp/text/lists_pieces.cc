#include <algorithm>
#include <cmath>
#include <cstring>

#include "text/lists.h"
#include "text/unicode.h"

// SentencePiece's pieces, and the merges that scores stand for.

namespace wembed::text {
namespace {

/// All ways to cut a piece are tried: a file of endless ones would never be done. (JavaScript counts units, no more.)
constexpr size_t kLongestPiece = 512;
constexpr uint32_t kWires = 8, kVarint = 0, kBytes = 2, kFixed32 = 5;

/// The fields of a protobuf message. After the first surprise `ok` is false.
struct Fields {
  const uint8_t *p, *end;
  bool ok = true;
  uint32_t number = 0, wire = 0;
  uint64_t value = 0;
  Bytes bytes{};

  uint64_t varint() {
    uint64_t read = 0;
    for (uint32_t shift = 0; shift < 35; shift += 7) {  // longer ones are left to JavaScript
      if (p == end) break;
      const uint8_t byte = *p++;
      read |= uint64_t{byte & 127u} << shift;
      if (byte < 128) return read;
    }
    ok = false;
    return 0;
  }

  bool next() {
    if (!ok || p == end) return false;
    const uint64_t key = varint();
    number = static_cast<uint32_t>(key / kWires);
    wire = static_cast<uint32_t>(key % kWires);
    if (wire == kVarint) {
      value = varint();
    } else {
      const uint64_t size = wire == kBytes ? varint() : wire == kFixed32 ? 4 : ~uint64_t{0};
      if (size > static_cast<uint64_t>(end - p)) return ok = false;
      bytes = {p, static_cast<size_t>(size)};
      p += size;
    }
    return ok = ok && number != 0;
  }
};

}  // namespace

bool Lists::read_pieces(uint8_t* model, size_t size) {
  room(size);
  Fields fields{model, model + size};
  for (const uint8_t* begin = model; fields.next(); begin = fields.p) {
    if (fields.number != 1) {
      const auto length = static_cast<size_t>(fields.p - begin);
      std::memmove(model + rest_, begin, length);
      rest_ += length;
    } else if (fields.wire != kBytes || !read_piece(fields.bytes.data, fields.bytes.data + fields.bytes.size)) {
      return false;
    }
  }
  return fields.ok && close();
}

bool Lists::read_piece(const uint8_t* p, const uint8_t* end) {
  Fields fields{p, end};
  Bytes piece{};
  float score = 0;
  uint64_t type = 1;
  while (fields.next()) {
    if (fields.number > 3) continue;
    if (fields.wire != (fields.number == 1 ? kBytes : fields.number == 2 ? kFixed32 : kVarint)) return false;
    if (fields.number == 1) piece = fields.bytes;
    if (fields.number == 2) std::memcpy(&score, fields.bytes.data, 4);
    if (fields.number == 3) type = fields.value;
  }
  if (!fields.ok || piece.size == 0 || piece.size > kLongestPiece || !std::isfinite(score) || type < 1 || type > 6)
    return false;
  uint8_t* to = bytes_.data() + offsets_.back();
  for (const uint8_t *s = piece.data, *const stop = s + piece.size; s < stop;) {
    uint32_t length = 1;
    if (*s >= 0x80 && decode_utf8(s, stop, &length) == 0xFFFD && length == 1) return false;
    for (; length; length--) *to++ = *s++;
  }
  add_score(score);
  types_.push_back(static_cast<uint8_t>(type));
  add_piece(to, static_cast<uint32_t>(ids_.size()));
  return true;
}

bool Lists::merge_by(Order order, const float* scores) {
  const uint32_t n = vocabulary_.size();
  if (vocabulary_.longest() > kLongestPiece) return false;
  Array<uint32_t> ranked;
  for (uint32_t id = 0; id < n; id++) {
    if (scores && !std::isfinite(scores[id])) return false;
    ranked.push_back(id);
  }
  const auto score = [&](uint32_t id) { return order == Order::id ? 0.0 : scores ? double(scores[id]) : scores_[id]; };
  const auto before = [&](uint32_t a, uint32_t b) {
    const double left = score(a), right = score(b);
    return left != right ? left > right : a < b;
  };
  if (!std::is_sorted(ranked.begin(), ranked.end(), before)) std::sort(ranked.begin(), ranked.end(), before);
  double last = NAN;  // the score of the merge before
  for (const uint32_t id : ranked) {
    const size_t begin = merges_.size();
    add_merges_of(id, order);
    for (size_t k = begin; k < merges_.size() && order != Order::id; k++)
      if (k > begin || score(id) == last) merges_[k].merged |= Merge::kSameRank;
    if (merges_.size() > begin) last = score(id);
  }
  return true;
}

void Lists::add_merges_of(uint32_t id, Order order) {
  const bool normal = order == Order::score_of_normal;
  const Bytes piece = vocabulary_.piece(id);
  if (normal && !is_normal(id)) return;
  for (size_t cut = 1; cut < piece.size; cut++) {
    if ((piece.data[cut] & 0xC0) == 0x80) continue;
    const uint32_t left = vocabulary_.find(piece.data, cut);
    if (left == Vocab::kNone || (normal && !is_normal(left))) continue;
    const uint32_t right = vocabulary_.find(piece.data + cut, piece.size - cut);
    if (right != Vocab::kNone && (!normal || is_normal(right))) merges_.push_back({left, right, id});
  }
}

}  // namespace wembed::text
