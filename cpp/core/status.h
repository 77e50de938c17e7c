#pragma once
#include <cstdint>

#include "core/codes.h"

namespace wembed {

/// The outcome of a call: the C++ code never throws. `what` is a static phrase, `value` the offending number, `limit`
/// the bound it exceeded and `index` its index in the argument. JS builds the error message from them.
struct Status {
  Code code = Code::ok;
  const char* what = "";
  double value = 0;
  double limit = 0;
  double index = -1;

  bool ok() const { return code == Code::ok; }
};

}  // namespace wembed
