#include "train/huffman.h"

namespace wembed::train {
namespace {

/// The parent of each node and whether it is the second child: leaves first, then inner nodes as they are made.
struct Tree {
  Array<uint64_t> counts;
  Array<uint32_t> parents;
  Array<uint8_t> second;
};

/// The two least frequent nodes become one, until one is left. Leaves are sorted and inner nodes are made in order of
/// their counts, so that two places to look at are enough.
Tree tree_of(const uint32_t* counts, uint32_t words) {
  const uint32_t nodes = 2 * words - 1;
  Tree tree;
  tree.counts.resize(nodes);
  tree.parents.resize(nodes);
  tree.second.resize(nodes);
  for (uint32_t w = 0; w < words; ++w) tree.counts[w] = counts[w];
  uint32_t leaf = words, inner = words;  // leaves from the last, inner nodes from the first
  for (uint32_t made = words; made < nodes; ++made) {
    for (uint8_t child = 0; child < 2; ++child) {
      const bool take_leaf = leaf > 0 && (inner == made || tree.counts[leaf - 1] < tree.counts[inner]);
      const uint32_t least = take_leaf ? --leaf : inner++;
      tree.counts[made] += tree.counts[least];
      tree.parents[least] = made;
      tree.second[least] = child;
    }
  }
  return tree;
}

}  // namespace

Huffman::Huffman(const uint32_t* counts, uint32_t words) {
  const Tree tree = tree_of(counts, words);
  const uint32_t root = 2 * words - 2;
  starts_.push_back(0);
  for (uint32_t w = 0; w < words; ++w) {
    uint32_t length = 0;
    for (uint32_t node = w; node != root; node = tree.parents[node]) ++length;
    uint32_t* nodes = nodes_.extend(length);
    float* labels = labels_.extend(length);
    for (uint32_t node = w; node != root; node = tree.parents[node]) {
      nodes[--length] = tree.parents[node] - words;
      labels[length] = tree.second[node] ? 0.0f : 1.0f;
    }
    starts_.push_back(static_cast<uint32_t>(nodes_.size()));
  }
}

}  // namespace wembed::train
