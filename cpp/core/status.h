#pragma once
#include <cstdint>

#include "core/codes.h"

namespace wembed {

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
