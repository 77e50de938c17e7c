#include "text/piece_trie.h"

#include <algorithm>
#include <cstring>

namespace wembed::text {
namespace {

constexpr uint32_t kRoot = 0xFFFFFFFE;
/// `place` gives up on the holes before this many misses: memory for build time.
constexpr uint32_t kTries = 64;

/// Shorter ranges are sorted by insertion: clearing the counts would take longer than that.
constexpr uint32_t kShort = 24;

/// A piece's byte at `depth` and 1; 0 where it ends there.
uint32_t key_of(Bytes piece, uint32_t depth) { return piece.size == depth ? 0 : piece.data[depth] + 1u; }

/// Sorts pieces that share their first `depth` bytes by what comes next.
/// @param spare  room for as many
void sort_by_next(const Vocab& vocab, uint32_t depth, uint32_t* ids, uint32_t n, uint32_t* spare) {
  if (n < kShort) {
    for (uint32_t i = 1; i < n; ++i) {
      const uint32_t id = ids[i], key = key_of(vocab.piece(id), depth);
      uint32_t k = i;
      for (; k > 0 && key_of(vocab.piece(ids[k - 1]), depth) > key; --k) ids[k] = ids[k - 1];
      ids[k] = id;
    }
    return;
  }
  uint32_t places[258] = {0};
  for (uint32_t i = 0; i < n; ++i) ++places[key_of(vocab.piece(ids[i]), depth) + 1];
  for (uint32_t key = 1; key < 258; ++key) places[key] += places[key - 1];
  for (uint32_t i = 0; i < n; ++i) spare[places[key_of(vocab.piece(ids[i]), depth)]++] = ids[i];
  std::memcpy(ids, spare, size_t{n} * 4);
}

}  // namespace

void PieceTrie::build(const Vocab& vocab, uint32_t n) {
  Array<uint32_t> order(n), spare(n);
  for (uint32_t i = 0; i < n; ++i) order[i] = i;

  // The pieces [begin, end) share their first `depth` bytes and hang below `node`.
  struct Range {
    uint32_t begin, end, depth, node;
  };
  Array<Range> todo{{0, n, 0, 0}};
  nodes_.assign(512, {0, kNone});
  nodes_[0].check = kRoot;  // the root has no parent, but is not free
  first_free_ = 1;
  while (!todo.empty()) {
    const Range range = todo.back();
    todo.pop_back();
    const uint32_t size = range.end - range.begin;
    if (size > 1) sort_by_next(vocab, range.depth, order.data() + range.begin, size, spare.data());
    const bool ends = vocab.piece(order[range.begin]).size == range.depth;
    uint8_t labels[256];
    uint32_t starts[257];
    uint32_t count = 0;
    for (uint32_t i = range.begin + ends; i < range.end; ++i) {
      const uint8_t label = vocab.piece(order[i]).data[range.depth];
      if (count > 0 && labels[count - 1] == label) continue;
      labels[count] = label;
      starts[count++] = i;
    }
    starts[count] = range.end;
    const uint32_t base = place(labels, count, ends);
    nodes_[range.node].base = base;
    if (ends) nodes_[base] = {order[range.begin], range.node};
    for (uint32_t k = 0; k < count; ++k) nodes_[base + 1 + labels[k]].check = range.node;
    for (uint32_t k = count; k-- > 0;) {
      todo.push_back({starts[k], starts[k + 1], range.depth + 1, base + 1 + labels[k]});
    }
  }
  nodes_.shrink_to_fit();
}

bool PieceTrie::fits(uint32_t base, const uint8_t* labels, uint32_t count, bool ends) const {
  if (ends && nodes_[base].check != kNone) return false;
  for (uint32_t k = 0; k < count; ++k) {
    if (nodes_[base + 1 + labels[k]].check != kNone) return false;
  }
  return true;
}

uint32_t PieceTrie::place(const uint8_t* labels, uint32_t count, bool ends) {
  const uint32_t lowest = ends || count == 0 ? 0 : 1u + labels[0];
  while (nodes_[first_free_].check != kNone) ++first_free_;
  uint32_t misses = 0;
  for (uint32_t slot = std::max(first_free_, lowest);; ++slot) {
    // 257 nodes of room above every base: `child` needs no bounds check.
    if (slot + 514 > nodes_.size()) nodes_.resize(nodes_.size() * 2, {0, kNone});
    if (nodes_[slot].check != kNone) continue;
    if (fits(slot - lowest, labels, count, ends)) return slot - lowest;
    if (++misses == kTries) first_free_ = std::max(first_free_, slot);
  }
}

uint32_t PieceTrie::find(const uint8_t* s, size_t size) const {
  uint32_t node = 0;
  for (size_t i = 0; i < size && node != kNone; ++i) node = step(node, s[i]);
  return node == kNone ? kNone : piece_at(node);
}

}  // namespace wembed::text
