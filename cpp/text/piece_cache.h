#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/array.h"
#include "text/hash_seed.h"

namespace wembed::text {

/// What short pieces of text became before: up to 15 bytes → one to three ids. Of fixed size, two entries a set: what is
/// met again moves to the front, what is new takes the back.
class PieceCache {
 public:
  static constexpr size_t kLongest = 15;
  static constexpr uint32_t kMostIds = 3;
  /// A piece's bytes, zeros, and in the last byte its length.
  struct Key {
    uint64_t low, high;
    bool operator==(const Key& other) const { return ((low ^ other.low) | (high ^ other.high)) == 0; }
  };
  struct Entry {
    Key key;
    uint64_t ids;  // 21 bits each: the id + 1, or 0
  };

  void build() {
    entries_.assign(2 * kSets, Entry{});
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

  const Entry* set_of(Key key) const {
    return entries_.data() + 2 * ((seeded_hash(key.low, key.high, seed_) >> (64 - kSetBits)));
  }
  /// The ids of a piece, packed as an Entry has them; 0 where it is not known.
  uint64_t find(Key key) {
    const Entry* set = set_of(key);
    if (set[0].key == key) return set[0].ids;
    return find_second(key, const_cast<Entry*>(set));
  }
  void add(Key key, const uint32_t* ids, size_t n) {
    uint64_t packed = 0;
    for (size_t i = n; i-- > 0;) {
      if (ids[i] >= kMostId) return;
      packed = packed << 21 | (ids[i] + 1);
    }
    Entry* set = const_cast<Entry*>(set_of(key));
    set[set[0].ids != 0] = {key, packed};
  }

  /// Writes three ids, of which those returned count.
  static uint32_t unpack(uint64_t packed, uint32_t* out) {
    const uint32_t second = uint32_t(packed >> 21) & kField, third = uint32_t(packed >> 42);
    out[0] = (uint32_t(packed) & kField) - 1;
    out[1] = second - 1;
    out[2] = third - 1;
    return 1 + (second != 0) + (third != 0);
  }

 private:
  static constexpr uint32_t kSetBits = 14;
  static constexpr size_t kSets = size_t{1} << kSetBits;
  static constexpr uint32_t kField = (1u << 21) - 1, kMostId = kField - 1;
  static const Key kMasks[16];

  static uint64_t find_second(Key key, Entry* set) {
    if (!(set[1].key == key)) return 0;
    const Entry found = set[1];
    set[1] = set[0];
    set[0] = found;
    return found.ids;
  }

  Array<Entry> entries_;
  HashSeed seed_{1, 1};
};

}  // namespace wembed::text
