#pragma once
#include <cstdint>

namespace wembed::text {

/// Bytes behind a text that can be read, and behind its JSON that are written.
constexpr uint32_t kJsonSpare = 16;
/// The most bytes that a byte of a text takes.
constexpr uint32_t kEscapeRoom = 6;

/// Writes a text as JSON, between quotes: quotes, backslashes and what is below U+0020 are escaped, as JSON.stringify
/// does.
/// @param utf8  valid; kJsonSpare bytes more can be read
/// @param to    has kEscapeRoom bytes for each, and 2 + kJsonSpare more
/// @returns bytes
uint32_t write_text(const uint8_t* utf8, uint32_t size, uint8_t* to);

}  // namespace wembed::text
