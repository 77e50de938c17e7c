#include "text/word_counts.h"

#include "bindings/call.h"

// The module that counts words has a memory of its own, which JavaScript divides (web/search/word_counts.js), and
// exports these by themselves: it is too small for what Embind needs.
extern "C" {

uint32_t find(uint32_t table, uint32_t utf8, uint32_t ends, uint32_t n) {
  using namespace wembed;
  return text::find_words(bindings::at<text::WordTable>(table), bindings::at<uint8_t>(utf8),
                          bindings::at<uint32_t>(ends), n);
}

uint32_t count(uint32_t counts, uint32_t words, uint32_t ends, uint32_t n) {
  using namespace wembed;
  return text::count_terms(*bindings::at<text::TermCounts>(counts), bindings::at<uint32_t>(words),
                           bindings::at<uint32_t>(ends), n);
}
}
