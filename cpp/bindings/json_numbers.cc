#include "text/json_numbers.h"

#include "bindings/call.h"
#include "text/json_text.h"

// The module that writes JSON has a memory of its own, which JavaScript divides (web/cli/json_numbers.js): see
// word_counts.cc.
extern "C" {

/// @param written  a WrittenNumbers
void write(uint32_t values, uint32_t n, uint32_t to, uint32_t written) {
  using namespace wembed;
  *bindings::at<text::WrittenNumbers>(written) =
      text::write_numbers(bindings::at<float>(values), n, bindings::at<uint8_t>(to));
}

uint32_t text(uint32_t utf8, uint32_t size, uint32_t to) {
  using namespace wembed;
  return wembed::text::write_text(bindings::at<uint8_t>(utf8), size, bindings::at<uint8_t>(to));
}
}
