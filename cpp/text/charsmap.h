#pragma once
#include <cstddef>
#include <cstdint>

#include "core/array.h"
#include "text/unicode.h"
#include "text/vocab.h"

namespace wembed::text {

/// SentencePiece's maps of characters (`Precompiled`), as the Rust library `spm_precompiled` applies them. A map is a
/// darts-clone trie, its length in bytes before it, and behind it the texts that its values are the places of.

/// Which code points make a grapheme: where each range of them begins and where it has ended.
struct Graphemes {
  const uint32_t* ends;
  size_t joins;  ///< so many are of ranges that join the character before them, the others of those that nothing joins
  size_t size;
};

/// Takes a file's bytes as words, with a zero behind them. False where they are no such map.
bool read_charsmap(Bytes file, Array<uint32_t>* map);

/// Whether a space becomes something else.
bool maps_space(const Array<uint32_t>& map);

/// What the longest key that s begins with becomes; its length in *taken, 0 where there is none.
Bytes longest_of_charsmap(const Array<uint32_t>& map, const uint8_t* s, size_t size, size_t* taken);

/// A grapheme of fewer than six bytes is looked up as a whole, and else, or where no key begins it, its characters one
/// by one. Places go by position: so many characters take the place of so many, and what goes before anything has come
/// takes none.
void apply_charsmap(const Array<uint32_t>& map, const Graphemes& graphemes, size_t most, Array<CodePoint>* text,
                    Array<CodePoint>* scratch);

}  // namespace wembed::text
