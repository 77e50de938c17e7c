#pragma once
#include <cstdint>

namespace wembed {

/// Why a call was refused. The names are the stable `WembedError` codes; web/core/errors.js lists them in this order.
enum class Code : uint32_t {
  ok,
  shape_mismatch,
  id_out_of_range,
  bad_file,
  unsupported,
  out_of_memory,
  invalid_argument,
};

/// The outcome of a call: C++ here never throws. `what` is a static phrase, `value` the offending number,
/// `limit` the bound it broke and `index` where in the argument it stood; JS makes the message of them.
struct Status {
  Code code = Code::ok;
  const char* what = "";
  double value = 0;
  double limit = 0;
  double index = -1;

  bool ok() const { return code == Code::ok; }
};

}  // namespace wembed
