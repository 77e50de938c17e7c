#include <algorithm>
#include <cstring>

#include "text/bpe.h"

// Pieces → ids, remembered part by part.

namespace wembed::text {
namespace {

constexpr uint32_t kNone = Vocab::kNone;
constexpr uint32_t kJointBits = 19;

/// `left` and `right` are the bytes beside a place, at most three each.
uint32_t joint_hash(const uint8_t* place, uint32_t left, uint32_t right) {
  uint64_t key = left << 2 | right;
  for (uint32_t i = 0; i < left; ++i) key = key << 8 | place[-1 - static_cast<int>(i)];
  for (uint32_t i = 0; i < right; ++i) key = key << 8 | place[i];
  return static_cast<uint32_t>(key * 0x9E3779B97F4A7C15u >> (64 - kJointBits));
}

bool is_inside(uint8_t byte) { return (byte & 0xC0) == 0x80; }

}  // namespace

/// Which texts beside a place between two characters, one of them beyond ASCII, occur inside a piece of the vocabulary.
/// Where others stand, no token reaches across.
void Bpe::find_joints() {
  joints_.assign((size_t{1} << kJointBits) / 8, 0);
  joint_forms_ = 0;
  for (uint32_t id = 0; id < vocab_->size(); ++id) {
    const Bytes piece = vocab_->piece(id);
    for (size_t i = 1; i < piece.size; ++i) {
      const uint8_t* place = piece.data + i;
      if (is_inside(*place) || (place[-1] | place[0]) < 0x80) continue;
      const uint32_t left = uint32_t(std::min<size_t>(i, 3)), right = uint32_t(std::min<size_t>(piece.size - i, 3));
      const uint32_t hash = joint_hash(place, left, right);
      joints_[hash >> 3] |= uint8_t(1u << (hash & 7));
      joint_forms_ |= 1u << (left * 4 + right);
    }
  }
}

bool Bpe::joins_at(const uint8_t* piece, size_t begin, size_t at, size_t size) const {
  const uint32_t before = uint32_t(std::min<size_t>(at - begin, 3)), after = uint32_t(std::min<size_t>(size - at, 3));
  for (uint32_t left = 1; left <= before; ++left) {
    for (uint32_t right = 1; right <= after; ++right) {
      if (!(joint_forms_ >> (left * 4 + right) & 1)) continue;
      const uint32_t hash = joint_hash(piece + at, left, right);
      if (joints_[hash >> 3] >> (hash & 7) & 1) return true;
    }
  }
  return false;
}

/// The end of the part that begins at `at`: what is after it changes nothing in it.
size_t Bpe::next_part(const uint8_t* piece, size_t at, size_t size) const {
  for (size_t i = at + 1; i < size; ++i) {
    const uint8_t before = piece[i - 1], after = piece[i];
    if (is_inside(after)) continue;
    const uint32_t pair = uint32_t{before} << 8 | after;
    if (!joined_.empty() && !(joined_[pair >> 3] >> (pair & 7) & 1)) return i;
    if ((before | after) >= 0x80 && !joins_at(piece, at, i, size)) return i;
  }
  return size;
}

void Bpe::add_part(const uint8_t* piece, size_t size, bool whole, Array<uint32_t>* ids) {
  const bool is_short = size <= PieceCache::kLongest;
  PieceCache::Key key{};
  if (is_short) {
    key = PieceCache::key_of(piece, size);
    // A part that is a token is not made one without a merge; a whole piece is.
    if (options_.ignore_merges) key = PieceCache::as_part(key);
    const uint64_t known = cache_.find(key);
    if (known) {
      uint32_t found[PieceCache::kMostIds];
      ids->append(found, PieceCache::unpack(known, found));
      return;
    }
  }
  const size_t begin = ids->size();
  if (!is_short && (whole || !options_.ignore_merges)) {
    const Run run = encode_piece(piece, size);
    for (size_t i = 0; i < run.n; ++i) ids->push_back(run.tokens[i].id);
    return;
  }
  merge(piece, size);
  for (const Token& token : tokens_) ids->push_back(token.id);
  const size_t n = ids->size() - begin;
  if (is_short && n > 0 && n <= PieceCache::kMostIds) cache_.add(key, ids->data() + begin, n);
}

void Bpe::add_ids(const uint8_t* piece, size_t size, Array<uint32_t>* ids) {
  if (size == 0) return;
  const bool is_short = size <= PieceCache::kLongest;
  const PieceCache::Key key = is_short ? PieceCache::key_of(piece, size) : PieceCache::Key{};
  uint32_t found[PieceCache::kMostIds];
  PieceCache& known_pieces = cache();
  if (is_short) {
    const uint64_t known = known_pieces.find(key);
    if (known) return ids->append(found, PieceCache::unpack(known, found));
  }
  const uint32_t token = options_.ignore_merges ? vocab_->find(piece, size) : kNone;
  if (token != kNone) {
    ids->push_back(token);
    if (is_short) known_pieces.add(key, &token, 1);
    return;
  }
  if (!parts_) return add_part(piece, size, true, ids);
  if (joints_.empty() && std::any_of(piece, piece + size, [](uint8_t byte) { return byte >= 0x80; })) find_joints();
  const size_t begin = ids->size();
  for (size_t at = 0, end; at < size; at = end) {
    end = next_part(piece, at, size);
    add_part(piece + at, end - at, at == 0 && end == size, ids);
  }
  const size_t n = ids->size() - begin;
  const bool known = !options_.ignore_merges && next_part(piece, 0, size) == size;  // by add_part
  if (is_short && !known && n > 0 && n <= PieceCache::kMostIds) known_pieces.add(key, ids->data() + begin, n);
}

}  // namespace wembed::text
