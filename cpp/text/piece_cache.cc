#include "text/piece_cache.h"

namespace wembed::text {
namespace {

constexpr uint64_t low_bytes(size_t n) { return n >= 8 ? ~uint64_t{0} : (uint64_t{1} << 8 * n) - 1; }
constexpr PieceCache::Key mask(size_t n) { return {low_bytes(n), n > 8 ? low_bytes(n - 8) : 0}; }

}  // namespace

const PieceCache::Key PieceCache::kMasks[16] = {mask(0),  mask(1),  mask(2),  mask(3), mask(4),  mask(5),
                                                mask(6),  mask(7),  mask(8),  mask(9), mask(10), mask(11),
                                                mask(12), mask(13), mask(14), mask(15)};

void PieceCache::build() {
  entries_.assign(4 * kSets + 2, Entry{});
  const size_t beyond = reinterpret_cast<uintptr_t>(entries_.data()) % 64;
  sets_ = reinterpret_cast<Entry*>(reinterpret_cast<uint8_t*>(entries_.data()) + (64 - beyond) % 64);
  others_ = sets_ + 2 * kSets;
  seed_ = hash_seed();
}

bool PieceCache::add(Key key, const uint32_t* ids, size_t n) {
  if (n - 1 >= kMostIds) return false;
  Entry* set = sets_ + 2 * place(key);
  // What came first is likely to come more often, and mostly stays.
  if (set[0].n && set[1].n && (++added_ & 7)) set = others_ + 2 * other_place(key);
  Entry& entry = set[set[0].n && (!set[1].n || (added_ & 8)) ? 1 : 0];
  entry.key = key;
  entry.n = static_cast<uint32_t>(n);
  std::memcpy(entry.ids, ids, 4 * n);
  return true;
}

void LongPieceCache::add(const uint8_t* piece, size_t size, uint64_t hash, const uint32_t* ids, size_t n) {
  if (size > kLongest || n > kMostIds) return;
  const size_t words = 1 + n + (size + 3) / 4;
  if (slots_.empty() || store_.size() + words > kMostWords) {
    slots_.assign(kSlots, Slot{0, 0});
    store_.assign(1 + kSlack, 0);
  }
  store_.resize(store_.size() - kSlack);
  Slot* set = &slots_[hash & (kSlots - 2)];
  set[set[0].at ? added_++ & 1 : 0] = {static_cast<uint32_t>(hash >> 32), static_cast<uint32_t>(store_.size())};
  store_.push_back(static_cast<uint32_t>(size | n << 16));
  store_.append(ids, n);
  std::memcpy(store_.extend(words - 1 - n + kSlack), piece, size);
}

}  // namespace wembed::text
