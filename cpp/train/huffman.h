#pragma once
#include <cstdint>

#include "core/array.h"

namespace wembed::train {

/// The codes of a Huffman tree over words by their counts (Huffman 1952), for the hierarchical softmax: short paths for
/// frequent words.
class Huffman {
 public:
  Huffman() = default;
  /// @param counts  (words), at least 2 words, none more frequent than the one before it
  Huffman(const uint32_t* counts, uint32_t words);

  uint32_t length(uint32_t word) const { return starts_[word + 1] - starts_[word]; }
  /// The inner nodes from the root to the word, (length) numbers below words - 1.
  const uint32_t* nodes(uint32_t word) const { return nodes_.data() + starts_[word]; }
  /// 1 where the path goes on to the first child, else 0: what a model of the node is to say, (length).
  const float* labels(uint32_t word) const { return labels_.data() + starts_[word]; }

 private:
  Array<uint32_t> starts_;
  Array<uint32_t> nodes_;
  Array<float> labels_;
};

}  // namespace wembed::train
