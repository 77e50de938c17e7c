// The details of a failed call, which JavaScript reads after it.
#include "bindings/call.h"
#include "bindings/exports.h"
#include "core/array.h"

namespace wembed::bindings {
namespace {

Status last_status;

}  // namespace

uint32_t report(const Status& status) {
  if (!status.ok()) last_status = status;
  return static_cast<uint32_t>(status.code);
}

uint32_t error_what() { return address_of(last_status.what); }
double error_value() { return last_status.value; }
double error_limit() { return last_status.limit; }
double error_index() { return last_status.index; }

uint32_t take_out_of_memory() { return static_cast<uint32_t>(wembed::take_out_of_memory()); }

}  // namespace wembed::bindings
