#include "engine/text_encoder.h"

#include "bindings/call.h"
#include "bindings/exports.h"

namespace wembed::bindings {

uint32_t text_encode_pooled(uint32_t text, uint32_t table, uint32_t utf8, uint32_t ends, uint32_t n,
                            uint32_t max_code_points, uint32_t max_ids, uint32_t mode, uint32_t dimensions,
                            double epsilon, uint32_t finite, uint32_t out) {
  text::EncodeOptions options;
  options.add_special_tokens = false;
  options.drop_unknown = true;
  options.max_code_points = max_code_points;
  options.max_ids = max_ids;
  const Pooling pooling{static_cast<BagMode>(mode), dimensions, epsilon, finite != 0};
  return report(at<TextEncoder>(text)->encode_pooled(*at<Table>(table), at<uint8_t>(utf8), at<uint32_t>(ends), n,
                                                     options, pooling, at<float>(out)));
}

}  // namespace wembed::bindings
