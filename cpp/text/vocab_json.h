#pragma once
#include <cstddef>
#include <cstdint>

namespace wembed::text {

/// Where the value of "model" → "vocab" stands in a tokenizer.json.
struct VocabRange {
  size_t begin = 0, end = 0;
};

/// Finds it without parsing what is around it. False where it is not an object, occurs twice, or anything is unusual:
/// callers then parse the whole file the usual way, which also says what is wrong with it.
bool find_vocab(const uint8_t* json, size_t size, VocabRange* range);

/// Writes the vocabulary section of a spec (web/tokenizer/compile.js): the number of pieces, 1, offsets (n + 1), ids
/// (n), the length of the pieces' bytes, these, padding to a word.
/// @param json  the object that find_vocab found: token → id
/// @param out   room for vocab_section_room(size) bytes
/// @returns the bytes written; 0 where the object is not as JSON has it, its strings are no UTF-8, an id has more than
///   eight digits or none, or there is no entry
size_t write_vocab_section(const uint8_t* json, size_t size, uint8_t* out);

/// An entry takes at least `"":0,`, so its offset and id take less than twice that.
constexpr size_t vocab_section_room(size_t size) { return 3 * size + 64; }

}  // namespace wembed::text
