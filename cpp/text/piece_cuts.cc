#include "text/piece_cuts.h"

#include <algorithm>
#include <cstring>

#include "text/unicode.h"

namespace wembed::text {
namespace {

constexpr uint32_t kJointBits = 19;

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

bool is_byte_token(Bytes piece) { return piece.size == 6 && std::memcmp(piece.data, "<0x", 3) == 0; }

}  // namespace

void PieceCuts::clear() {
  allowed_ = false;
  joined_.clear();
  joints_.clear();
}

void PieceCuts::build(const Vocab& vocab) {
  clear();
  vocab_ = &vocab;
  byte_level_ = allowed_ = true;
}

/// A merge across a place in the text has a left piece that ends with the byte before it and a right piece that begins
/// with the byte after it. Where no merge has these two, a piece can be cut without changing a token: a text that is
/// one piece (Llama 2 has no pre-tokeniser) falls into words. That needs every symbol spelled as the text is, except
/// byte tokens that never merge; and nothing that looks at a piece as a whole or at its neighbours.
void PieceCuts::build(const Vocab& vocab, const Merge* merges, uint32_t n, bool byte_level, const uint32_t* byte_ids,
                      bool whole) {
  clear();
  vocab_ = &vocab;
  byte_level_ = byte_level;
  if (std::find(byte_ids, byte_ids + 256, Vocab::kNone) != byte_ids + 256) return;
  allowed_ = byte_level;
  if (byte_level && whole) return;  // nothing is asked of the merges
  Array<uint8_t> joined(8192);
  for (uint32_t i = 0; i < n; ++i) {
    const Bytes left = vocab.piece(merges[i].left), right = vocab.piece(merges[i].right);
    if (!byte_level && (is_byte_token(left) || is_byte_token(right))) return;
    const uint32_t pair = uint32_t{left.data[left.size - 1]} << 8 | right.data[0];
    set_bit(&joined, pair);
  }
  allowed_ = true;
  if (!whole) joined_.swap(joined);
}

size_t PieceCuts::next_cut(const uint8_t* piece, size_t at, size_t size) const {
  if (joined_.empty()) return size;
  for (size_t i = at + 1; i < size; ++i) {
    if (!byte_level_ && is_inside(piece[i])) continue;
    if (!bit(joined_, pair_of(piece + i))) return i;
  }
  return size;
}

/// What stands beside the places between characters inside the vocabulary's pieces. No token reaches across others.
void PieceCuts::find_joints() {
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
bool PieceCuts::joins_at(const uint8_t* piece, size_t begin, size_t at, size_t size) const {
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

size_t PieceCuts::next_part(const uint8_t* piece, size_t at, size_t size) {
  for (size_t i = at + 1; i < size; ++i) {
    const uint8_t before = piece[i - 1], after = piece[i];
    if (is_inside(after)) continue;
    if (!joined_.empty() && !bit(joined_, pair_of(piece + i))) return i;
    if ((before | after) < 0x80) continue;
    if (joints_.empty()) find_joints();
    if (!joins_at(piece, at, i, size)) return i;
  }
  return size;
}

}  // namespace wembed::text
