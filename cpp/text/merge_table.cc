#include "text/merge_table.h"

#include "text/same_bytes.h"

namespace wembed::text {
namespace {

constexpr uint32_t kNone = Vocab::kNone;

bool joins(Bytes whole, Bytes left, Bytes right, size_t prefix) {
  return whole.size == left.size + right.size - prefix && same_bytes(whole.data, left.data, left.size) &&
         same_bytes(whole.data + left.size, right.data + prefix, right.size - prefix);
}

}  // namespace

Status MergeTable::build(const Vocab& vocab, const Merge* merges, uint32_t n, size_t prefix, bool byte_level) {
  seed_ = hash_seed();
  uint32_t capacity = 16;
  while (capacity < n + n / 2) capacity *= 2;
  rows_.assign(capacity, Row{kNone, 0, 0, 0});
  mask_ = capacity - 1;
  rank_ = 0;
  for (uint32_t i = 0; i < n; ++i) {
    Status status = add(vocab, merges[i], i, prefix, byte_level);
    if (status.ok() && ++i < n) status = add(vocab, merges[i], i, prefix, byte_level);  // twice as in Vocab::take
    if (!status.ok()) return status;
  }
  return {};
}

Status MergeTable::add(const Vocab& vocab, Merge merge, uint32_t i, size_t prefix, bool byte_level) {
  if (!(merge.merged & Merge::kSameRank)) rank_ = i;
  merge.merged &= ~Merge::kSameRank;
  const Bytes left = vocab.piece(merge.left), right = vocab.piece(merge.right);
  const Bytes merged = vocab.piece(merge.merged);
  if (!left.data || !right.data || !merged.data) {
    return {Code::id_out_of_range, "a merge names an id no piece has", double(merge.left), double(vocab.size()),
            double(i)};
  }
  // Pieces that add nothing would let two different pairs at one place have one result, which a queue of merges
  // tells apart otherwise than the reference.
  if (left.size == 0 || right.size <= prefix) {
    return {Code::unsupported, "a merge with an empty piece", double(right.size), 0, double(i)};
  }
  if (!joins(merged, left, right, prefix)) {
    // Of a token with characters that stand for no byte: it is never met (byte_level_to_raw).
    if (byte_level && merged.data[0] == 0xFF) return {};
    return {Code::bad_file, "a merge whose result is not its left and right joined", double(merge.merged), 0,
            double(i)};
  }
  uint32_t at = place(merge.left, merge.right);
  while (rows_[at].left != kNone && (rows_[at].left != merge.left || rows_[at].right != merge.right)) {
    at = (at + 1) & mask_;
  }
  rows_[at] = {merge.left, merge.right, rank_, merge.merged};
  return {};
}

}  // namespace wembed::text
