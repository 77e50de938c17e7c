#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/array.h"
#include "text/hash_seed.h"

namespace wembed::text {

// Fuzzers start a tokenizer for every input: with caches that are soon full, and quickly made.
#ifdef WEMBED_SMALL_CACHES
constexpr uint32_t kPieceSetBits = 3, kLongSetBits = 1, kLongWordBits = 10;
#else
constexpr uint32_t kPieceSetBits = 14, kLongSetBits = 14, kLongWordBits = 20;
#endif

/// What short pieces of text became before: up to 15 bytes → one to three ids, or where more are kept. Of fixed size,
/// two entries a set; what finds its set full goes to a second such table, so that frequent pieces do not drive each
/// other out. Nothing here branches on what a piece is like: a wrong guess of the processor's costs more than all else
/// that is done for it.
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

  /// Writes four words, of which the ids, as many as returned, count: none where the piece is not known. More than
  /// kMostIds are elsewhere: where, is the first word.
  [[gnu::always_inline]] uint32_t take(Key key, uint32_t* out) const { return take(sets_ + 2 * place(key), key, out); }
  /// The same for a piece that this did not find: looks among those that had no place in their set. Now and then, one
  /// that is found there changes places with one that is in its way: texts of another kind have other frequent pieces.
  uint32_t take_other(Key key, uint32_t* out);
  /// Looks up the pieces of a block one after another, as far as they are short and have their place here. A function
  /// of its own that calls no other, so that an engine finds registers for all of it.
  /// @param p       the block: 16 bytes can be read from each of its first 64
  /// @param begin   of the first piece, from p
  /// @param starts  a bit for the end of each piece, which is where the next one begins; not 0
  /// @param kept    where ids are that are more than kMostIds
  /// @param out     where the ids go, which is moved; kWritten more are written
  /// @returns the ends of the pieces that are left, of which the first is not such a one
  uint64_t take_block(const uint8_t* p, uint32_t begin, uint64_t starts, const uint32_t* kept, uint32_t** out) const;
  /// @param n  not 0  @param ids  where they are more than kMostIds: where they are kept
  void add(Key key, const uint32_t* ids, size_t n);

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
  void bring_forward(Entry* entry);
  size_t place(Key key) const { return (key.low * seed_.low + key.high * seed_.high) >> (64 - kSetBits); }
  size_t other_place(Key key) const { return (key.low * seed_.high + key.high * seed_.low) >> (64 - kSetBits); }

  Array<Entry> entries_;
  // Of entries_, from where a set is one line of the processor's cache.
  Entry *sets_ = nullptr, *others_ = nullptr;
  uint32_t added_ = 0, found_ = 0;
  HashSeed seed_{1, 1};
};

/// What longer pieces became, or pieces of more ids. When there are too many it forgets them all.
class LongPieceCache {
 public:
  static constexpr size_t kShortest = PieceCache::kLongest + 1, kLongest = 256, kMostIds = 128;
  /// Words written beyond a piece's ids.
  static constexpr size_t kWritten = 24;

  void build();

  /// Whether a piece can be kept: callers of `take` make room for no more ids than bytes.
  static bool takes(size_t size, size_t n) { return size <= kLongest && n - 1 < std::min(size, kMostIds); }
  /// Whether it has to forget all others first.
  bool is_full(size_t size, size_t n) const { return store_.size() + words_of(size) + n > kMostWords; }

  /// Of a piece of at least kShortest bytes, from a few of them: however long it is, this takes as long. Those that
  /// differ elsewhere share a set.
  static uint64_t hash_of(const uint8_t* s, size_t size, const HashSeed& seed) {
    const uint64_t a = word(s), b = word(s + 8), c = word(s + size - 16), d = word(s + size - 8),
                   e = word(s + size / 2 - 4);
    const uint64_t third = (seed.low ^ seed.high << 1) | 1, fourth = (seed.high ^ seed.low >> 1) | 1;
    uint64_t h = (a ^ size) * seed.low + b * seed.high + c * third + d * fourth + (e ^ e >> 32) * (third ^ fourth << 2);
    h = (h ^ h >> 32) * seed.low;
    return h ^ h >> 29;
  }

  /// Writes the ids of a piece of at least kShortest bytes, and kWritten words more, and returns how many ids they are:
  /// none where it is not known.
  /// @param hash  hash_of, and what else tells it from others
  [[gnu::always_inline]] size_t take(const uint8_t* piece, size_t size, uint64_t hash, uint32_t* out) const {
    const Set& set = sets_[hash >> (64 - kSetBits)];
    const uint32_t tag = static_cast<uint32_t>(hash);
    uint32_t at = 0;  // the first entry of the store has no piece
    for (uint32_t i = 0; i < kWays; ++i) {
      const uint32_t mask = -static_cast<uint32_t>(set.tags[i] == tag);  // a branch would be guessed wrong
      at = (at & ~mask) | (set.at[i] & mask);
    }
    const uint32_t* entry = store_.data() + at;
    const uint32_t count = *entry >> 16;
    if ((*entry & 0xFFFF) != size || !equal(reinterpret_cast<const uint8_t*>(entry + 1), piece, size)) return 0;
    copy(entry + words_of(size), count, out);
    return count;
  }
  /// The same of the ids that `keep` has put there.
  [[gnu::always_inline]] void take_kept(uint32_t at, size_t n, uint32_t* out) const {
    copy(store_.data() + at, n, out);
  }

  /// What `take_kept` counts from.
  const uint32_t* kept() const { return store_.data(); }

  /// There must be room for these. @param piece  of at least kShortest bytes
  void add(const uint8_t* piece, size_t size, uint64_t hash, const uint32_t* ids, size_t n);
  /// Keeps ids, and returns where.
  uint32_t keep(const uint32_t* ids, size_t n);

 private:
  static constexpr uint32_t kWays = 8, kSetBits = kLongSetBits;
  static constexpr size_t kMostWords = size_t{3} << (kLongWordBits - 1);
  /// A line of the processor's cache.
  struct Set {
    uint32_t tags[kWays];
    uint32_t at[kWays];  // in store_: size and number of ids, the piece, the ids; 0 where empty
  };

  static size_t words_of(size_t size) { return 1 + (size + 3) / 4; }
  static uint64_t word(const uint8_t* p) {
    uint64_t v;
    std::memcpy(&v, p, 8);
    return v;
  }
  /// Not 0 where 16 bytes differ.
  static uint64_t difference_16(const uint8_t* a, const uint8_t* b) {
    return (word(a) ^ word(b)) | (word(a + 8) ^ word(b + 8));
  }
  /// Most pieces have up to 48 bytes: three overlapping comparisons, without a guess.
  [[gnu::always_inline]] static bool equal(const uint8_t* a, const uint8_t* b, size_t size) {
    const size_t last = size - 16, middle = std::min(last, size_t{16});
    if (difference_16(a, b) | difference_16(a + middle, b + middle) | difference_16(a + last, b + last)) return false;
    for (size_t i = 32; i < last; i += 16)
      if (difference_16(a + i, b + i)) return false;
    return true;
  }
  /// As many at once as most have: a loop would make the processor guess how many there are before it knows.
  [[gnu::always_inline]] static void copy(const uint32_t* from, size_t n, uint32_t* out) {
    size_t i = 0;
    do {
      // Not as one: the compiler would call for that.
      std::memcpy(out + i, from + i, 32);
      std::memcpy(out + i + 8, from + i + 8, 32);
      std::memcpy(out + i + 16, from + i + 16, 32);
    } while ((i += kWritten) < n);
  }

  Array<Set> all_;
  Set* sets_ = nullptr;  // of all_, from where a set is one line
  Array<uint32_t> store_;
  uint32_t added_ = 0;
};

}  // namespace wembed::text
