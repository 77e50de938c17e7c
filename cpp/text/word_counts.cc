#include "text/word_counts.h"

#include <cstring>

#include "kernels/simd128.h"

namespace wembed::text {
namespace {

constexpr uint64_t kLowerCase = 0x2020202020202020;  // of ASCII letters; digits have that bit

struct Block {
  uint64_t in_word, foreign;
};

/// Which of 64 bytes belong to words, and which of them are above 127.
Block read_block(const uint8_t* utf8) {
  Block block{0, 0};
  for (uint32_t i = 0; i < 64; i += 16) {
    const v128_t bytes = wasm_v128_load(utf8 + i);
    const v128_t letter = wasm_i8x16_sub(wasm_v128_or(bytes, wasm_i8x16_splat(0x20)), wasm_i8x16_splat('a'));
    const v128_t digit = wasm_i8x16_sub(bytes, wasm_i8x16_splat('0'));
    const v128_t plain =
        wasm_v128_or(wasm_u8x16_lt(letter, wasm_i8x16_splat(26)), wasm_u8x16_lt(digit, wasm_i8x16_splat(10)));
    block.in_word |= uint64_t{wasm_i8x16_bitmask(wasm_v128_or(plain, bytes))} << i;
    block.foreign |= uint64_t{wasm_i8x16_bitmask(bytes)} << i;
  }
  return block;
}

/// Eight bytes of a word as a number, zeros behind its end.
/// @param left  bytes of it from here on, at least one
uint64_t part_of(const uint8_t* utf8, uint32_t left, uint64_t lower) {
  uint64_t bytes;
  std::memcpy(&bytes, utf8, 8);
  return (bytes | lower) & (left < 8 ? (uint64_t{1} << 8 * left) - 1 : ~uint64_t{0});
}

/// A word's bytes, eight at a time: the first 16 are at hand, since few words have more.
struct Spelling {
  Spelling(const uint8_t* text, uint32_t bytes, uint32_t marked, uint64_t lower_case)
      : utf8(text),
        length(bytes),
        size(marked),
        lower(lower_case),
        start{part_of(text, bytes, lower), bytes > 8 ? part_of(text + 8, bytes - 8, lower) : 0} {}

  uint64_t part(uint32_t at) const { return part_of(utf8 + at, length - at, lower); }

  const uint8_t* utf8;
  uint32_t length, size;  // in bytes; with the mark of foreign ones
  uint64_t lower, start[2];
};

uint64_t mixed(uint64_t hash) {
  hash *= 0xD6E8FEB86659FD93;
  return hash ^ hash >> 32;
}

uint64_t hash_of(const Spelling& word, uint32_t seed) {
  uint64_t hash = mixed(mixed(word.start[0] ^ (uint64_t{seed} << 32 | word.size)) ^ word.start[1]);
  for (uint32_t at = 16; at < word.length; at += 8) hash = mixed(hash ^ word.part(at));
  return hash;
}

bool is_spelled(const uint8_t* spelled, const Spelling& word) {
  for (uint32_t at = 0; at < word.length; at += 8) {
    uint64_t bytes;
    std::memcpy(&bytes, spelled + at, 8);
    if (bytes != word.part(at)) return false;
  }
  return true;
}

uint32_t number_of_new(WordTable* table, WordSlot* slot, const Spelling& word) {
  const uint32_t number = table->words++;
  if (!slot) return number;
  *slot = {{word.start[0], word.start[1]}, word.size, number};
  if (word.length <= 16) return number;
  table->spellings[number] = table->spelled_size;
  for (uint32_t at = 0; at < word.length; at += 8, table->spelled_size += 8) {
    const uint64_t bytes = word.part(at);
    std::memcpy(table->spelled + table->spelled_size, &bytes, 8);
  }
  return number;
}

/// @returns the slot of a word, or the empty one where it belongs
WordSlot* slot_of(const WordTable& table, const Spelling& word) {
  for (uint64_t at = hash_of(word, table.seed);; at++) {
    WordSlot* const slot = table.slots + (at & table.last_slot);
    const uint64_t other =
        (slot->start[0] ^ word.start[0]) | (slot->start[1] ^ word.start[1]) | (slot->size ^ word.size);
    if (other == 0 && (word.length <= 16 || is_spelled(table.spelled + table.spellings[slot->word], word))) return slot;
    if (slot->size == 0) return slot;
  }
}

/// Finds words, one after the other.
class Finder {
 public:
  Finder(WordTable* table, const uint8_t* utf8) : table_(table), utf8_(utf8), to_(table->found) {}

  void take(uint32_t begin, uint32_t end, bool is_foreign) {
    uint32_t length = end - begin;
    if (!is_foreign && length > kLongestWord) length = kLongestWord;
    const uint32_t size = length | (is_foreign ? kForeign : 0);
    const Spelling word(utf8_ + begin, length, size, is_foreign ? 0 : kLowerCase);
    WordSlot* const slot = is_foreign && length > kLongestForeign ? nullptr : slot_of(*table_, word);
    if (slot && slot->size) {
      *to_++ = slot->word;
    } else {
      table_->added[added_++] = {begin, size};
      *to_++ = number_of_new(table_, slot, word);
    }
  }

  void end_text(uint32_t t) { table_->ends[t] = static_cast<uint32_t>(to_ - table_->found); }
  uint32_t added() const { return added_; }

 private:
  WordTable* table_;
  const uint8_t* utf8_;
  uint32_t* to_;
  uint32_t added_ = 0;
};

void find_of_text(Finder* finder, const uint8_t* utf8, uint32_t begin, uint32_t end) {
  uint64_t inside = 0;  // 1 within a word
  uint32_t word = 0;    // where it began
  bool is_foreign = false;
  for (uint32_t at = begin; at < end; at += 64) {
    Block block = read_block(utf8 + at);
    if (end - at < 64) {
      const uint64_t own = (uint64_t{1} << (end - at)) - 1;
      block.in_word &= own;
      block.foreign &= own;
    }
    uint64_t edges = block.in_word ^ (block.in_word << 1 | inside);
    uint32_t from = 0;  // of the block's part of the word
    for (; edges; edges &= edges - 1) {
      const uint32_t edge = static_cast<uint32_t>(__builtin_ctzll(edges));
      if (inside) {
        is_foreign |= (block.foreign & ((uint64_t{1} << edge) - 1)) >> from != 0;
        finder->take(word, at + edge, is_foreign);
      } else {
        word = at + edge;
        from = edge;
        is_foreign = false;
      }
      inside ^= 1;
    }
    if (inside) is_foreign |= block.foreign >> from != 0;
  }
  if (inside) finder->take(word, end, is_foreign);
}

/// Counts the terms of rows.
class Counter {
 public:
  explicit Counter(const TermCounts& counts) : counts_(counts) {}

  void take(uint32_t value) {
    if (value == kNoTerm) return;
    if (value < kTermList) return add(value);
    const uint32_t* const list = counts_.lists + (value - kTermList);
    for (uint32_t i = 1; i <= list[0]; i++) add(list[i]);
  }

  void end_row(uint32_t row) {
    counts_.ends[row] = begin_ = end_;
    counts_.lengths[row] = length_;
    length_ = 0;
  }
  uint32_t terms() const { return end_; }

 private:
  void add(uint32_t term) {
    length_++;
    const uint32_t place = counts_.seen[term];
    if (place >= begin_ && place < end_ && counts_.terms[place] == term) {
      if (counts_.counts[place] < UINT16_MAX) counts_.counts[place]++;
      return;
    }
    counts_.terms[end_] = term;
    counts_.counts[end_] = 1;
    counts_.seen[term] = end_++;
  }

  const TermCounts& counts_;
  uint32_t begin_ = 0, end_ = 0, length_ = 0;
};

}  // namespace

uint32_t find_words(WordTable* table, const uint8_t* utf8, const uint32_t* ends, uint32_t n) {
  Finder finder(table, utf8);
  uint32_t begin = 0;
  for (uint32_t t = 0; t < n; t++) {
    find_of_text(&finder, utf8, begin, ends[t]);
    finder.end_text(t);
    begin = ends[t];
  }
  return finder.added();
}

uint32_t count_terms(const TermCounts& counts, const uint32_t* words, const uint32_t* ends, uint32_t n) {
  Counter counter(counts);
  uint32_t at = 0;
  for (uint32_t row = 0; row < n; row++) {
    for (; at < ends[row]; at++) counter.take(counts.values[words[at]]);
    counter.end_row(row);
  }
  return counter.terms();
}

}  // namespace wembed::text
