#include "bindings/call.h"
#include "bindings/exports.h"
#include "engine/table.h"

namespace wembed::bindings {

uint32_t table_bag(uint32_t table, uint32_t ids, uint32_t n, uint32_t offsets, uint32_t bags, uint32_t mode,
                   uint32_t per_sample_weights, uint32_t padding_idx, uint32_t out) {
  Bags view{at<uint32_t>(ids), at<uint32_t>(offsets), bags, static_cast<BagMode>(mode), at<float>(per_sample_weights)};
  view.padding_idx = padding_idx;
  return report(at<Table>(table)->bag(view, n, at<float>(out)));
}

}  // namespace wembed::bindings
