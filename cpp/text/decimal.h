#pragma once
#include <cstdint>

namespace wembed::text {

/// Reads a JSON number, rounded to the nearest double as `Number` does. False for one of more than 19 digits or 27
/// places, for a large exponent, and where no number stands.
/// @param p  moves behind it
bool read_decimal(const uint8_t** p, const uint8_t* end, double* value);

}  // namespace wembed::text
