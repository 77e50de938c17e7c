#include <algorithm>
#include <cstring>

#include "text/bpe.h"
#include "text/unicode.h"

// Pieces → ids, remembered part by part.

namespace wembed::text {
namespace {

constexpr uint32_t kNone = Vocab::kNone;
constexpr uint32_t kJointBits = 19;
/// Tells a part of a piece from a piece that is spelled the same.
constexpr uint64_t kPart = 0x5555555555555555u;

bool is_inside(uint8_t byte) { return (byte & 0xC0) == 0x80; }

/// A place between characters of which one is beyond ASCII.
bool is_joint(uint8_t before, uint8_t after) { return !is_inside(after) && (before | after) >= 0x80; }

/// The bytes of the character before `place` that count, the last three; fewer, of which all are inside a character,
/// where `room` ends first.
uint32_t bytes_before(const uint8_t* place, size_t room) {
  if (place[-1] < 0x80) return 1;
  uint32_t n = 1;
  while (n < 3 && n < room && is_inside(place[-static_cast<int>(n)])) ++n;
  return n;
}

uint32_t bytes_after(const uint8_t* place) { return std::min(utf8_length(*place), 3u); }

uint32_t load24(const uint8_t* p) { return p[0] | p[1] << 8 | p[2] << 16; }

uint32_t joint_hash(uint64_t before, uint64_t after, uint64_t form) {
  const uint64_t key = before | after << 24 | form << 48;
  return static_cast<uint32_t>(key * 0x9E3779B97F4A7C15u >> (64 - kJointBits));
}

/// @param cut  1: the left character is not there as a whole, 2: the right one
uint32_t joint_hash(const uint8_t* place, uint32_t left, uint32_t right, uint32_t cut) {
  uint32_t before = 0, after = 0;
  for (uint32_t i = 1; i <= left; ++i) before = before << 8 | place[-static_cast<int>(i)];
  for (uint32_t i = right; i > 0; --i) after = after << 8 | place[i - 1];
  return joint_hash(before, after, left << 2 | right | cut << 4);
}

uint32_t pair_of(const uint8_t* place) { return uint32_t{place[-1]} << 8 | place[0]; }

bool bit(const Array<uint8_t>& bits, uint32_t i) { return bits[i >> 3] >> (i & 7) & 1; }
void set_bit(Array<uint8_t>* bits, uint32_t i) { (*bits)[i >> 3] |= static_cast<uint8_t>(1u << (i & 7)); }

}  // namespace

/// What stands beside the places between characters inside the vocabulary's pieces. No token reaches across others.
void Bpe::find_joints() {
  joints_.assign((size_t{1} << kJointBits) / 8, 0);
  broken_joints_.assign(65536 / 8, 0);
  for (uint32_t id = 0; id < vocab_->size(); ++id) {
    const Bytes piece = vocab_->piece(id);
    for (size_t i = 1; i < piece.size; ++i) {
      const uint8_t* place = piece.data + i;
      if (!is_joint(place[-1], *place)) continue;
      const uint32_t left = bytes_before(place, i), right = bytes_after(place);
      const bool left_cut = left < 3 && is_inside(place[-static_cast<int>(left)]), right_cut = right > piece.size - i;
      if (left_cut || right_cut) set_bit(&broken_joints_, pair_of(place));
      const uint32_t after = right_cut ? static_cast<uint32_t>(piece.size - i) : right;
      set_bit(&joints_, joint_hash(place, left, after, left_cut | right_cut << 1));
    }
  }
}

/// True where some token may reach across `at`, in what begins at `begin`.
bool Bpe::joins_at(const uint8_t* piece, size_t begin, size_t at, size_t size) const {
  const uint8_t* place = piece + at;
  if (at - begin >= 3 && size - at >= 3 && place[-3] >= 0xE0 && *place >= 0xE0) {  // nearly all that are asked
    if (bit(joints_, joint_hash(load24(place - 3), load24(place), 3 << 2 | 3))) return true;
    if (!bit(broken_joints_, pair_of(place))) return false;
  }
  const uint32_t left = bytes_before(place, at - begin), right = bytes_after(place);
  if (bit(joints_, joint_hash(place, left, std::min<uint32_t>(right, uint32_t(size - at)), 0))) return true;
  if (!bit(broken_joints_, pair_of(place))) return false;
  for (uint32_t l = 1; l <= left; ++l) {
    for (uint32_t r = 1; r <= right && r <= size - at; ++r) {
      const bool left_cut = l < left || (l < 3 && is_inside(place[-static_cast<int>(l)])), right_cut = r < right;
      if (bit(joints_, joint_hash(place, l, r, left_cut | right_cut << 1))) return true;
    }
  }
  return false;
}

/// The end of the part that begins at `at`: what is after it changes nothing in it.
size_t Bpe::next_part(const uint8_t* piece, size_t at, size_t size) const {
  for (size_t i = at + 1; i < size; ++i) {
    const uint8_t before = piece[i - 1], after = piece[i];
    if (is_inside(after)) continue;
    if (!joined_.empty() && !bit(joined_, pair_of(piece + i))) return i;
    if ((before | after) >= 0x80 && !joins_at(piece, at, i, size)) return i;
  }
  return size;
}

/// Merges and remembers what was not met before.
void Bpe::add_merged(const uint8_t* piece, size_t size, uint64_t hash, Array<uint32_t>* ids) {
  const LongPieceCache::Found found = long_cache_.find(piece, size, hash);
  if (found.ids) return ids->append(found.ids, found.n);
  merge(piece, size);
  const size_t n = tokens_.size();
  uint32_t* added = ids->extend(n);
  for (size_t i = 0; i < n; ++i) added[i] = tokens_[i].id;
  long_cache_.add(piece, size, hash, added, n);
}

/// A part is not made a token without a merge, as a whole piece may be: it is remembered as a part.
void Bpe::add_parts(const uint8_t* piece, size_t size, Array<uint32_t>* ids) {
  uint8_t padded[256];  // where 16 bytes can be read from any place of the piece
  const bool fits = size + 16 <= sizeof padded;
  if (fits) std::memcpy(padded, piece, size);
  const uint8_t* s = fits ? padded : piece;
  for (size_t at = 0, end; at < size; at = end) {
    end = next_part(s, at, size);
    const size_t length = end - at;
    if (length > PieceCache::kLongest) {
      add_merged(s + at, length, vocab_->hash(s + at, length) ^ kPart, ids);
      continue;
    }
    const PieceCache::Key key = PieceCache::as_part(fits || end + 16 <= size ? PieceCache::key_of_16(s + at, length)
                                                                             : PieceCache::key_of(s + at, length));
    const size_t begin = ids->size();
    if (const PieceCache::Entry* known = cache_.find(key)) {
      const uint32_t n = PieceCache::take(*known, ids->extend(PieceCache::kWritten));
      ids->resize(begin + n);
      continue;
    }
    add_merged(s + at, length, vocab_->hash(s + at, length) ^ kPart, ids);
    cache_.add(key, ids->data() + begin, ids->size() - begin);
  }
}

void Bpe::add_ids(const uint8_t* piece, size_t size, Array<uint32_t>* ids) {
  if (size == 0) return;
  PieceCache& short_pieces = cache();
  const bool is_short = size <= PieceCache::kLongest;
  PieceCache::Key key{};
  if (is_short) {
    key = PieceCache::key_of(piece, size);
    if (const PieceCache::Entry* known = short_pieces.find(key)) return ids->append(known->ids, known->n);
  }
  const size_t begin = ids->size();
  if (parts_ && joints_.empty() && std::any_of(piece, piece + size, [](uint8_t byte) { return byte >= 0x80; })) {
    find_joints();
  }
  const bool is_part = !parts_ || next_part(piece, 0, size) == size;  // else no token reaches across
  const bool may_be_token = is_part && options_.ignore_merges && size <= vocab_->longest();
  const uint64_t hash = is_part ? vocab_->hash(piece, size) : 0;
  const uint32_t token = may_be_token ? vocab_->find(piece, size, hash) : kNone;
  if (token != kNone) {
    ids->push_back(token);
  } else if (is_part) {
    add_merged(piece, size, hash, ids);
  } else {
    add_parts(piece, size, ids);
  }
  if (is_short) short_pieces.add(key, ids->data() + begin, ids->size() - begin);
}

}  // namespace wembed::text
