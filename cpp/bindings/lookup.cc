#include "bindings/call.h"
#include "bindings/exports.h"
#include "engine/table.h"

namespace wembed::bindings {

uint32_t table_lookup(uint32_t table, uint32_t ids, uint32_t n, uint32_t out) {
  return report(at<Table>(table)->lookup(at<uint32_t>(ids), n, at<float>(out)));
}

}  // namespace wembed::bindings
