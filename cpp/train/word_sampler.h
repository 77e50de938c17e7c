#pragma once
#include <cstdint>

#include "core/array.h"

namespace wembed::train {

/// How often words are left out, and how often each is drawn as a negative example, by their counts: as gensim's
/// make_cum_table and prepare_vocab.
class WordSampler {
 public:
  /// @param counts  (words), each above 0
  /// @param sample  the share of the text above which a word is left out at times, or a count if 1 or more; 0 for never
  /// @param exponent  words are drawn in proportion to count^exponent
  WordSampler(const uint32_t* counts, uint32_t words, double sample, double exponent);

  /// Whether an occurrence of the word stays, by a uniform 32-bit number. Ask only if `leaves_out`.
  bool keeps(uint32_t word, uint32_t random) const { return keep_[word] >= random; }
  bool leaves_out() const { return !keep_.empty(); }

  /// The word of a uniform 32-bit number: the first whose cumulated share reaches it.
  uint32_t draw(uint32_t random) const {
    const uint32_t wanted = random % cumulated_[cumulated_.size() - 1];
    uint32_t word = first_[wanted >> shift_];
    while (cumulated_[word] < wanted) ++word;
    return word;
  }

 private:
  Array<uint32_t> keep_;
  Array<uint32_t> cumulated_;
  Array<uint32_t> first_;  // by the upper bits of what is wanted: where to begin, which saves a binary search
  uint32_t shift_ = 0;
};

}  // namespace wembed::train
