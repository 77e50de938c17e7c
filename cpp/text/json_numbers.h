#pragma once
#include <cstdint>

namespace wembed::text {

/// The most bytes that one number takes or touches.
constexpr uint32_t kNumberRoom = 24;

/// What `write_numbers` has done.
struct WrittenNumbers {
  uint32_t count;  // numbers
  uint32_t bytes;
};

/// Writes numbers as JSON, each with a comma behind it: nine significant digits, without zeros at their end, which give
/// the same float32 back. For 0 and sizes from 1e-6 to below 1e9: it ends before the first other number. The definition
/// is `text` of web/cli/json_numbers.js.
/// @param to  has kNumberRoom bytes for each number
WrittenNumbers write_numbers(const float* values, uint32_t n, uint8_t* to);

}  // namespace wembed::text
