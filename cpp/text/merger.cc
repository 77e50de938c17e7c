#include "text/merger.h"

#include <algorithm>
#include <functional>

namespace wembed::text {
namespace {

constexpr uint32_t kNone = Vocab::kNone;
/// Up to here one scan over all pairs a merge is cheaper than a heap (measured: equal at about 40 symbols).
constexpr size_t kShort = 32;
/// No merge: worse than all ranks.
constexpr uint64_t kNoPair = ~uint64_t{0};

}  // namespace

void Merger::merge(const uint8_t* piece, Array<Token>* tokens) {
  if (tokens->size() > kShort) {
    merge_long(piece, tokens);
  } else {
    merge_short(piece, tokens);
  }
}

/// The rank and the result of a pair, or kNoPair. @param begin  of the pair in the piece
uint64_t Merger::pair_at(const uint8_t* piece, uint32_t begin, Token left, Token right) const {
  if (ranks_) {
    const uint32_t id = ranks_->find(piece + begin, left.size + right.size);
    return id == kNone ? kNoPair : uint64_t{id} << 32 | id;
  }
  const MergeTable::Row* row = merges_.find(left.id, right.id);
  return row ? uint64_t{row->rank} << 32 | row->merged : kNoPair;
}

void Merger::merge_short(const uint8_t* piece, Array<Token>* tokens) {
  uint64_t pairs[kShort];
  uint32_t begins[kShort];
  Token* t = tokens->data();
  size_t n = tokens->size();
  for (uint32_t i = 0, begin = 0; i < n; begin += t[i++].size) begins[i] = begin;
  const auto look = [&](size_t i) { pairs[i] = pair_at(piece, begins[i], t[i], t[i + 1]); };
  for (size_t i = 0; i + 1 < n; ++i) look(i);
  while (n > 1) {
    size_t best = 0;
    for (size_t i = 1; i + 1 < n; ++i) {
      if (pairs[i] >> 32 < pairs[best] >> 32) best = i;
    }
    if (pairs[best] == kNoPair) break;
    t[best] = {uint32_t(pairs[best]), t[best].size + t[best + 1].size};
    --n;
    for (size_t i = best + 1; i < n; ++i) {
      t[i] = t[i + 1];
      begins[i] = begins[i + 1];
    }
    for (size_t i = best + 1; i + 1 < n; ++i) pairs[i] = pairs[i + 1];
    if (best > 0) look(best - 1);
    if (best + 1 < n) look(best);
  }
  tokens->resize(n);
}

void Merger::push(const uint8_t* piece, uint32_t pos) {
  const Symbol& symbol = symbols_[pos];
  if (symbol.next == kNone) return;
  const Symbol& next = symbols_[symbol.next];
  const uint64_t pair = pair_at(piece, symbol.begin, {symbol.id, symbol.size}, {next.id, next.size});
  if (pair == kNoPair) return;
  heap_.push_back(pair >> 32 << 32 | pos);
  std::push_heap(heap_.begin(), heap_.end(), std::greater<uint64_t>());
}

void Merger::merge_long(const uint8_t* piece, Array<Token>* tokens) {
  const uint32_t n = uint32_t(tokens->size());
  const Token* t = tokens->data();
  symbols_.resize(n);
  heap_.clear();
  for (uint32_t i = 0, begin = 0; i < n; begin += t[i++].size)
    symbols_[i] = {t[i].id, begin, t[i].size, i - 1, i + 1 < n ? i + 1 : kNone};
  for (uint32_t i = 0; i + 1 < n; ++i) push(piece, i);
  while (!heap_.empty()) {
    const uint32_t rank = uint32_t(heap_.front() >> 32), pos = uint32_t(heap_.front());
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<uint64_t>());
    heap_.pop_back();
    Symbol& symbol = symbols_[pos];
    if (symbol.size == 0 || symbol.next == kNone) continue;
    Symbol& right = symbols_[symbol.next];
    // An entry whose pair has changed since is stale: the pair that stands there now has an entry of its own.
    const uint64_t pair = pair_at(piece, symbol.begin, {symbol.id, symbol.size}, {right.id, right.size});
    if (pair == kNoPair || pair >> 32 != rank) continue;
    symbol.id = uint32_t(pair);
    symbol.size += right.size;
    right.size = 0;
    symbol.next = right.next;
    if (right.next != kNone) symbols_[right.next].prev = pos;
    if (symbol.prev != kNone) push(piece, symbol.prev);
    push(piece, pos);
  }
  tokens->clear();
  for (uint32_t i = 0; i != kNone && i < n; i = symbols_[i].next) tokens->push_back({symbols_[i].id, symbols_[i].size});
}

}  // namespace wembed::text
