#include "text/vocab_ranks.h"

#include "bindings/call.h"
#include "bindings/exports.h"

namespace wembed::bindings {

uint32_t write_ranks_section(uint32_t file, uint32_t size, uint32_t out) {
  return static_cast<uint32_t>(text::write_ranks_section(at<uint8_t>(file), size, at<uint8_t>(out)));
}

}  // namespace wembed::bindings
