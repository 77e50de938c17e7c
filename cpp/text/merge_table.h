#pragma once
#include <cstdint>

#include "core/array.h"
#include "core/status.h"
#include "text/hash_seed.h"
#include "text/vocab.h"

namespace wembed::text {

/// One merge: the pair that becomes `merged`. Its place in the list is its rank.
struct Merge {
  /// Beside `merged`, in what `MergeTable` reads: the rank is that of the merge before, so that of the two the leftmost
  /// comes first, as where SentencePiece's pieces have equal scores.
  static constexpr uint32_t kSameRank = 0x80000000;

  uint32_t left, right, merged;
};

/// The merges by their pairs.
class MergeTable {
 public:
  /// Left is kNone where empty.
  struct Row {
    uint32_t left, right, rank, merged;
  };

  /// @param merges  (n) in rank order; of a pair that occurs twice the last rank counts, as in the reference
  /// @param prefix  bytes of the right piece that the merged one leaves out
  /// Errors: id_out_of_range for an id no piece has; bad_file for a merge whose result is not left + right; unsupported
  /// for empty pieces.
  Status build(const Vocab& vocab, const Merge* merges, uint32_t n, size_t prefix, bool byte_level);

  /// The row of a pair, or null.
  const Row* find(uint32_t left, uint32_t right) const {
    for (uint32_t at = place(left, right);; at = (at + 1) & mask_) {
      const Row& row = rows_[at];
      if (row.left == left && row.right == right) return &row;
      if (row.left == Vocab::kNone) return nullptr;
    }
  }

 private:
  /// Not inline: see Vocab::insert.
  [[gnu::noinline]] Status add(const Vocab& vocab, Merge merge, uint32_t i, size_t prefix, bool byte_level);

  uint32_t place(uint32_t left, uint32_t right) const {
    return static_cast<uint32_t>(seeded_hash(left, right, seed_)) & mask_;
  }

  Array<Row> rows_;
  uint32_t mask_ = 0;
  uint32_t rank_ = 0;  // of the merge added last
  HashSeed seed_{1, 1};
};

}  // namespace wembed::text
