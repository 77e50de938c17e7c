#include "text/vocab_json.h"

#include "bindings/call.h"
#include "bindings/exports.h"

namespace wembed::bindings {

bool find_vocab(uint32_t json, uint32_t size, uint32_t out) {
  text::VocabRange range;
  const bool found = text::find_vocab(at<uint8_t>(json), size, &range);
  at<uint32_t>(out)[0] = static_cast<uint32_t>(range.begin);
  at<uint32_t>(out)[1] = static_cast<uint32_t>(range.end);
  return found;
}

uint32_t write_vocab_section(uint32_t json, uint32_t size, uint32_t out) {
  return static_cast<uint32_t>(text::write_vocab_section(at<uint8_t>(json), size, at<uint8_t>(out)));
}

}  // namespace wembed::bindings
