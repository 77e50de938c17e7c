#pragma once
#include <cstddef>
#include <cstdint>

#include "core/array.h"
#include "core/status.h"
#include "text/merge_table.h"
#include "text/vocab.h"

namespace wembed::text {

/// A token of a piece, and how many of its bytes it takes.
struct BpeToken {
  uint32_t id, size;
};

/// Merges the symbols of a piece: the pair of lowest rank first, the leftmost first among equals.
class Merger {
 public:
  /// Errors: those of MergeTable.
  Status build(const Vocab& vocab, const Merge* merges, uint32_t n, size_t prefix, bool byte_level) {
    ranks_ = nullptr;
    return merges_.build(vocab, merges, n, prefix, byte_level);
  }
  /// Any two neighbours merge whose bytes together are a piece, and its id is their rank. The vocabulary must outlive
  /// this.
  void build_ranks(const Vocab& vocab) { ranks_ = &vocab; }

  /// @param tokens  the piece's symbols; becomes its tokens
  void merge(const uint8_t* piece, Array<BpeToken>* tokens);

 private:
  using Token = BpeToken;
  struct Symbol {
    uint32_t id, begin, size;
    uint32_t prev, next;
  };

  uint64_t pair_at(const uint8_t* piece, uint32_t begin, Token left, Token right) const;
  void merge_short(const uint8_t* piece, Array<Token>* tokens);
  void merge_long(const uint8_t* piece, Array<Token>* tokens);
  void push(const uint8_t* piece, uint32_t pos);

  MergeTable merges_;
  const Vocab* ranks_ = nullptr;

  // Working memory, kept between calls.
  Array<Symbol> symbols_;
  Array<uint64_t> heap_;  // rank, position
};

}  // namespace wembed::text
