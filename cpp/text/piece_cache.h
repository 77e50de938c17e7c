#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/array.h"
#include "text/hash_seed.h"

namespace wembed::text {

// Fuzzers start a tokenizer for every input: with caches that are soon full, and quickly made.
#ifdef WEMBED_SMALL_CACHES
constexpr uint32_t kPieceSetBits = 3, kLongSlotBits = 4, kLongWordBits = 10;
#else
constexpr uint32_t kPieceSetBits = 14, kLongSlotBits = 17, kLongWordBits = 20;
#endif

/// What short pieces of text became before: up to 15 bytes → one to three ids. Of fixed size, two entries a set; what
/// finds its set full goes to a second such table, so that frequent pieces do not drive each other out. Nothing here
/// branches on what a piece is like: a wrong guess of the processor's costs more than all else that is done for it.
class PieceCache {
 public:
  static constexpr size_t kLongest = 15;
  static constexpr uint32_t kMostIds = 3, kWritten = 4;
  /// A piece's bytes, zeros, and in the last byte its length.
  struct Key {
    uint64_t low, high;
    bool operator==(const Key& other) const { return ((low ^ other.low) | (high ^ other.high)) == 0; }
  };

  void build();
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

  /// Writes four words, of which the ids, as many as returned, count: none where the piece is not known.
  [[gnu::always_inline]] uint32_t take(Key key, uint32_t* out) const { return take(sets_ + 2 * place(key), key, out); }
  /// The same for a piece that this did not find: looks among those that had no place in their set.
  [[gnu::always_inline]] uint32_t take_other(Key key, uint32_t* out) const {
    return take(others_ + 2 * other_place(key), key, out);
  }
  /// False where there are too many ids, or none.
  bool add(Key key, const uint32_t* ids, size_t n);

 private:
  struct Entry {
    Key key;
    uint32_t ids[3];
    uint32_t n;  // 0 where empty
  };
  static constexpr uint32_t kSetBits = kPieceSetBits;
  static constexpr size_t kSets = size_t{1} << kSetBits;
  static const Key kMasks[16];

  [[gnu::always_inline]] static uint32_t take(const Entry* set, Key key, uint32_t* out) {
    set += set[1].key == key;
    if (!(set->key == key)) return 0;
    std::memcpy(out, set->ids, 16);
    return set->n;
  }
  size_t place(Key key) const { return (key.low * seed_.low + key.high * seed_.high) >> (64 - kSetBits); }
  size_t other_place(Key key) const { return (key.low * seed_.high + key.high * seed_.low) >> (64 - kSetBits); }

  Array<Entry> entries_;
  // Of entries_, from where a set is one line of the processor's cache.
  Entry *sets_ = nullptr, *others_ = nullptr;
  uint32_t added_ = 0;
  HashSeed seed_{1, 1};
};

/// What longer pieces became, or pieces of more ids. When there are too many it forgets them all.
class LongPieceCache {
 public:
  static constexpr size_t kLongest = 256, kMostIds = 128;

  struct Found {
    const uint32_t* ids;  // null where the piece is not known
    size_t n;
  };
  /// @param hash  of the piece, and of what else tells it from others
  [[gnu::always_inline]] Found find(const uint8_t* piece, size_t size, uint64_t hash) const {
    if (slots_.empty()) return {nullptr, 0};
    const Slot* set = &slots_[hash & (kSlots - 2)];
    const uint32_t tag = static_cast<uint32_t>(hash >> 32);
    for (const Slot* slot = set; slot < set + 2; ++slot) {
      if (slot->tag != tag || !slot->at) continue;
      const uint32_t* entry = store_.data() + slot->at;
      const size_t n = *entry >> 16;
      if ((*entry & 0xFFFF) == size && equal(reinterpret_cast<const uint8_t*>(entry + 1 + n), piece, size))
        return {entry + 1, n};
    }
    return {nullptr, 0};
  }
  /// Writes the ids of a piece and up to three words more, and returns how many ids they are: none where it is not
  /// known.
  [[gnu::always_inline]] size_t take(const uint8_t* piece, size_t size, uint64_t hash, uint32_t* out) const {
    const Found found = find(piece, size, hash);
    for (size_t i = 0; i < found.n; i += 4) std::memcpy(out + i, found.ids + i, 16);
    return found.n;
  }
  void add(const uint8_t* piece, size_t size, uint64_t hash, const uint32_t* ids, size_t n);

 private:
  /// `take` reads so many words after an entry.
  static constexpr size_t kSlack = 3;
  static constexpr size_t kSlots = size_t{1} << kLongSlotBits, kMostWords = size_t{3} << (kLongWordBits - 1);
  struct Slot {
    uint32_t tag;  // the hash's upper half
    uint32_t at;   // in store_: size and number of ids, the ids, the piece; 0 where empty
  };

  /// Eight bytes at a time: WebAssembly's memcmp takes one.
  static bool equal(const uint8_t* a, const uint8_t* b, size_t size) {
    const auto word = [](const uint8_t* p) {
      uint64_t v;
      std::memcpy(&v, p, 8);
      return v;
    };
    if (size < 8) return std::memcmp(a, b, size) == 0;
    for (size_t i = 0; i + 8 < size; i += 8)
      if (word(a + i) != word(b + i)) return false;
    return word(a + size - 8) == word(b + size - 8);
  }

  Array<Slot> slots_;
  Array<uint32_t> store_;
  uint32_t added_ = 0;
};

}  // namespace wembed::text
