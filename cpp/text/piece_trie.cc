#include "text/piece_trie.h"

#include <algorithm>
#include <cstring>

namespace wembed::text {
namespace {

constexpr uint32_t kRoot = 0xFFFFFFFE;
/// `place` gives up on the holes before this many misses: memory for build time.
constexpr uint32_t kTries = 64;

bool less(Bytes a, Bytes b) {
  const int order = std::memcmp(a.data, b.data, std::min(a.size, b.size));
  return order != 0 ? order < 0 : a.size < b.size;
}

}  // namespace

void PieceTrie::build(const Vocab& vocab, uint32_t n) {
  Array<uint32_t> order(n);
  for (uint32_t i = 0; i < n; ++i) order[i] = i;
  const auto before = [&](uint32_t a, uint32_t b) { return less(vocab.piece(a), vocab.piece(b)); };
  std::make_heap(order.begin(), order.end(), before);  // a fifth of std::sort's code
  std::sort_heap(order.begin(), order.end(), before);

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
  const uint32_t lowest = ends ? 0 : 1u + labels[0];
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
