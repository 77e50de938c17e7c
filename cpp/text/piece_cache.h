#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/array.h"
#include "text/hash_seed.h"

namespace wembed::text {

/// What short pieces of text became before: up to 15 bytes → one to three ids. Of fixed size, two entries a set, which
/// what is new takes in turn.
class PieceCache {
 public:
  static constexpr size_t kLongest = 15;
  static constexpr uint32_t kMostIds = 3, kWritten = 4;
  /// A piece's bytes, zeros, and in the last byte its length.
  struct Key {
    uint64_t low, high;
    bool operator==(const Key& other) const { return ((low ^ other.low) | (high ^ other.high)) == 0; }
  };
  struct Entry {
    Key key;
    uint32_t ids[3];
    uint32_t n;  // 0 where empty
  };

  void build() {
    entries_.assign(2 * kSets + 2, Entry{});
    const size_t beyond = reinterpret_cast<uintptr_t>(entries_.data()) % 64;
    sets_ = reinterpret_cast<Entry*>(reinterpret_cast<uint8_t*>(entries_.data()) + (64 - beyond) % 64);
    seed_ = hash_seed();
  }
  bool empty() const { return entries_.empty(); }

  /// The key of a piece. @param s  16 bytes can be read  @param size  at most kLongest
  static Key key_of_16(const uint8_t* s, size_t size) {
    uint64_t low, high;
    std::memcpy(&low, s, 8);
    std::memcpy(&high, s + 8, 8);
    return {low & kMasks[size].low, (high & kMasks[size].high) | uint64_t{size} << 56};
  }
  static Key key_of(const uint8_t* s, size_t size) {
    Key key{0, 0};
    std::memcpy(&key, s, size);
    key.high |= uint64_t{size} << 56;
    return key;
  }
  /// The key of a piece that stands for something else than a whole one.
  static Key as_part(Key key) { return {key.low, key.high | uint64_t{1} << 63}; }

  /// Null where the piece is not known.
  const Entry* find(Key key) const {
    const Entry* set = set_of(key);
    set += set[1].key == key;  // either is as likely: a branch would be guessed wrong
    return set->key == key ? set : nullptr;
  }
  /// False where there are too many ids, or none.
  bool add(Key key, const uint32_t* ids, size_t n) {
    if (n - 1 >= kMostIds) return false;
    Entry* set = set_of(key);
    Entry& entry = set[set[0].n ? next_++ & 1 : 0];
    entry.key = key;
    entry.n = static_cast<uint32_t>(n);
    std::memcpy(entry.ids, ids, 4 * n);
    return true;
  }

  /// Writes four words, of which the ids, as many as returned, count.
  static uint32_t take(const Entry& entry, uint32_t* out) {
    std::memcpy(out, entry.ids, 16);
    return entry.n;
  }

 private:
  static constexpr uint32_t kSetBits = 14;
  static constexpr size_t kSets = size_t{1} << kSetBits;
  static const Key kMasks[16];

  Entry* set_of(Key key) const {
    return sets_ + 2 * ((key.low * seed_.low + key.high * seed_.high) >> (64 - kSetBits));
  }

  Array<Entry> entries_;
  Entry* sets_ = nullptr;  // of entries_, from where a set is one line of the processor's cache
  uint32_t next_ = 0;
  HashSeed seed_{1, 1};
};

/// What longer pieces became, or pieces of more ids. When there are too many it forgets them all.
class LongPieceCache {
 public:
  static constexpr size_t kLongest = 256, kMostIds = 64;

  struct Found {
    const uint32_t* ids;  // null where the piece is not known
    size_t n;
  };
  /// @param hash  of the piece, and of what else tells it from others
  Found find(const uint8_t* piece, size_t size, uint64_t hash) const {
    if (slots_.empty()) return {nullptr, 0};
    const Slot& slot = slots_[hash & (kSlots - 1)];
    if (slot.hash != hash || slot.size != size) return {nullptr, 0};
    const uint32_t* ids = store_.data() + slot.at;
    return std::memcmp(ids + slot.n, piece, size) == 0 ? Found{ids, slot.n} : Found{nullptr, 0};
  }
  void add(const uint8_t* piece, size_t size, uint64_t hash, const uint32_t* ids, size_t n);

 private:
  static constexpr size_t kSlots = 1 << 15, kMostWords = 1 << 19;
  struct Slot {
    uint64_t hash;
    uint32_t at;  // in store_: the ids, then the piece
    uint16_t size, n;
  };
  Array<Slot> slots_;
  Array<uint32_t> store_;
};

}  // namespace wembed::text
