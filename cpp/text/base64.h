#pragma once
#include <cstdint>

namespace wembed::text {

/// Decodes base64 in its one canonical form: padded, no other characters, no bits that no byte takes.
/// @param out  room for three bytes for every four characters, or more
/// @returns where what was written ends; null where [p, end) is anything else, or empty
uint8_t* decode_base64(const uint8_t* p, const uint8_t* end, uint8_t* out);

}  // namespace wembed::text
