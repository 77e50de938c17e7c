#include "text/piece_cache.h"

namespace wembed::text {
namespace {

constexpr uint64_t low_bytes(size_t n) { return n >= 8 ? ~uint64_t{0} : (uint64_t{1} << 8 * n) - 1; }
constexpr PieceCache::Key mask(size_t n) { return {low_bytes(n), n > 8 ? low_bytes(n - 8) : 0}; }

/// Where the next line of the processor's cache begins.
template <class T>
T* from_line(T* at) {
  const size_t beyond = reinterpret_cast<uintptr_t>(at) % 64;
  return reinterpret_cast<T*>(reinterpret_cast<uint8_t*>(at) + (64 - beyond) % 64);
}

}  // namespace

const PieceCache::Key PieceCache::kMasks[16] = {mask(0),  mask(1),  mask(2),  mask(3), mask(4),  mask(5),
                                                mask(6),  mask(7),  mask(8),  mask(9), mask(10), mask(11),
                                                mask(12), mask(13), mask(14), mask(15)};

void PieceCache::build() {
  entries_.assign(4 * kSets + 2, Entry{});
  sets_ = from_line(entries_.data());
  others_ = sets_ + 2 * kSets;
  seed_ = hash_seed();
}

void PieceCache::add(Key key, const uint32_t* ids, size_t n) {
  Entry* set = sets_ + 2 * place(key);
  // What came first is likely to come more often, and mostly stays.
  if (set[0].n && set[1].n && (++added_ & 7)) set = others_ + 2 * other_place(key);
  Entry& entry = set[set[0].n && (!set[1].n || (added_ & 8)) ? 1 : 0];
  entry.key = key;
  entry.n = static_cast<uint32_t>(n);
  std::memcpy(entry.ids, ids, 4 * (n <= kMostIds ? n : 1));
}

uint64_t PieceCache::take_block(const uint8_t* p, uint32_t begin, uint64_t starts, const uint32_t* kept,
                                uint32_t** out) const {
  const Entry* const sets = sets_;
  const HashSeed seed = seed_;
  uint32_t* to = *out;
  do {
    const auto end = static_cast<uint32_t>(__builtin_ctzll(starts));
    const uint32_t size = end - begin;
    if (size > kLongest) break;
    const Key key = key_of_16(p + begin, size);
    const size_t place = (key.low * seed.low + key.high * seed.high) >> (64 - kSetBits);
    const uint32_t known = take(sets + 2 * place, key, to);
    if (known - 1 >= kMostIds) {
      if (!known) break;
      const uint32_t* const from = kept + *to;
      std::memcpy(to, from, 32);
      std::memcpy(to + 8, from + 8, 32);
    }
    to += known;
    begin = end;
    starts &= starts - 1;
  } while (starts);
  *out = to;
  return starts;
}

uint32_t PieceCache::take_other(Key key, uint32_t* out) {
  Entry* const set = others_ + 2 * other_place(key);
  const uint32_t n = take(set, key, out);
  if (n && (++found_ & 3) == 0) bring_forward(set + (set[1].key == key));
  return n;
}

/// Where an entry is among the others, its set has always been full.
void PieceCache::bring_forward(Entry* entry) {
  Entry* const better = sets_ + 2 * place(entry->key) + (found_ >> 2 & 1);
  const Entry other = *better;
  *better = *entry;
  entry->n = 0;
  Entry* const set = others_ + 2 * other_place(other.key);
  set[set[0].n && (!set[1].n || (found_ & 8)) ? 1 : 0] = other;
}

void LongPieceCache::build() {
  all_.assign((size_t{1} << kSetBits) + 1, Set{});
  sets_ = from_line(all_.data());
  store_.assign(1 + kWritten, 0);
}

uint32_t LongPieceCache::keep(const uint32_t* ids, size_t n) {
  const size_t at = store_.size() - kWritten;
  std::memcpy(store_.extend(n) - kWritten, ids, 4 * n);
  return static_cast<uint32_t>(at);
}

void LongPieceCache::add(const uint8_t* piece, size_t size, uint64_t hash, const uint32_t* ids, size_t n) {
  const size_t at = store_.size() - kWritten;
  uint32_t* entry = store_.extend(words_of(size) + n) - kWritten;
  *entry = static_cast<uint32_t>(size | n << 16);
  entry[words_of(size) - 1] = 0;
  std::memcpy(entry + 1, piece, size);
  std::memcpy(entry + words_of(size), ids, 4 * n);
  Set& set = sets_[hash >> (64 - kSetBits)];
  uint32_t way = 0;
  while (way < kWays && set.at[way]) ++way;
  if (way == kWays) way = added_++ % kWays;
  set.tags[way] = static_cast<uint32_t>(hash);
  set.at[way] = static_cast<uint32_t>(at);
}

}  // namespace wembed::text
