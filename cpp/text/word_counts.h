#pragma once
#include <cstdint>

namespace wembed::text {

/// Longer words are cut, in bytes. A run of bytes that are not all ASCII is remembered up to so many of them.
constexpr uint32_t kLongestWord = 128, kLongestForeign = 64;
/// Readable bytes behind the texts.
constexpr uint32_t kTextSpare = 64;
/// In `WordSlot::size` and `NewWord::size`: the word has bytes above 127, and stands for itself, whatever its case.
constexpr uint32_t kForeign = 0x80000000;
/// What a word counts as: a term, or this plus where in `lists` its terms are listed, their count first, or nothing.
constexpr uint32_t kTermList = 0x80000000, kNoTerm = 0xffffffff;

/// One word as texts spell it, in lower case.
struct WordSlot {
  uint64_t start[2];  // its first bytes, zeros behind its end
  uint32_t size;      // in bytes; 0: no word is here
  uint32_t word;      // its number
};

/// A word that has not been met since the table was empty.
struct NewWord {
  uint32_t begin;  // in the texts
  uint32_t size;
};

/// The words of many texts, each with a number, and the memory of finding them. Whoever calls sees to it that there is
/// room for a word every two bytes of text.
struct WordTable {
  WordSlot* slots;      // a power of two; half of them at least stay empty
  uint8_t* spelled;     // words of more than 16 bytes, each filled up to a multiple of eight with zeros
  uint32_t* spellings;  // where in `spelled` each word is
  NewWord* added;       // of the last call, in their order
  uint32_t* found;      // the number of each word of the texts, in their order
  uint32_t* ends;       // where in `found` each text ends
  uint32_t last_slot;
  uint32_t seed;          // random, so that no text can be made to collide
  uint32_t spelled_size;  // bytes
  uint32_t words;         // how many have a number
};

/// Finds the words of texts: runs of ASCII letters and digits, in lower case, and of bytes above 127. Those that have
/// no number get the next ones. The definition is `each` of web/search/words.js.
/// @param utf8  the texts one after the other: text t is utf8[ends[t - 1], ends[t]); kTextSpare bytes more can be read
/// @param ends  (n), non-decreasing
/// @returns how many words are new: `added`. Of a foreign run that is too long to be remembered each is new
uint32_t find_words(WordTable* table, const uint8_t* utf8, const uint32_t* ends, uint32_t n);

/// What rows of words hold: which terms in the order in which they come, and how often each.
struct TermCounts {
  const uint32_t* values;  // what each word counts as
  const uint32_t* lists;
  uint32_t* seen;     // of each term, of any content
  uint32_t* terms;    // room for all terms of all rows
  uint16_t* counts;   // 65535 stands for more, too
  uint32_t* ends;     // (n) where in `terms` each row ends
  uint32_t* lengths;  // (n) terms of each row, repeated ones too
};

/// @param words  row r is words[ends[r - 1], ends[r])
/// @returns terms of all rows
uint32_t count_terms(const TermCounts& counts, const uint32_t* words, const uint32_t* ends, uint32_t n);

}  // namespace wembed::text
