#pragma once
#include <cstddef>
#include <cstdint>

#include "core/array.h"
#include "text/vocab.h"

namespace wembed::text {

/// A vocabulary's pieces as a double-array trie: which of them a text begins with. The child over byte b of node s is
/// base(s) + b + 1, if its `check` is s; a node that ends a piece has the child over "nothing", base(s), whose own base
/// is the id.
class PieceTrie {
 public:
  static constexpr uint32_t kNone = 0xFFFFFFFF;

  /// @param n  pieces, with ids 0 … n − 1, none of them empty; the vocabulary is needed during build only
  void build(const Vocab& vocab, uint32_t n);

  /// The node over a byte of the node over what is before it (0: of the root), or kNone.
  uint32_t step(uint32_t node, uint8_t byte) const { return child(node, byte + 1u); }
  /// The id of the piece that ends at a node, or kNone.
  uint32_t piece_at(uint32_t node) const {
    const uint32_t end = child(node, 0);
    return end == kNone ? kNone : nodes_[end].base;
  }
  /// The id of the piece spelled s, or kNone.
  uint32_t find(const uint8_t* s, size_t size) const;

 private:
  struct Node {
    uint32_t base, check;
  };

  uint32_t child(uint32_t node, uint32_t label) const {
    const uint32_t next = nodes_[node].base + label;
    return nodes_[next].check == node ? next : kNone;
  }
  uint32_t place(const uint8_t* labels, uint32_t count, bool ends);
  bool fits(uint32_t base, const uint8_t* labels, uint32_t count, bool ends) const;

  Array<Node> nodes_;
  uint32_t first_free_ = 0;
};

}  // namespace wembed::text
