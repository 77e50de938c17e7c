#pragma once
#include <cstddef>
#include <cstdint>

namespace wembed::text {

/// Writes the vocabulary section of a spec (web/tokenizer/compile.js) of a file of ranks as tiktoken has them: a token
/// a line, its bytes in base64, a space, its rank. The spec's flag 8 says that the pieces are bytes already.
/// @param out  room for ranks_section_room(size) bytes
/// @returns the bytes written; 0 where a line is anything else, or there is none: an empty token counts as that
size_t write_ranks_section(const uint8_t* file, size_t size, uint8_t* out);

/// A line takes at least `QQ== 0` and a line end.
constexpr size_t ranks_section_room(size_t size) { return 3 * size + 64; }

}  // namespace wembed::text
