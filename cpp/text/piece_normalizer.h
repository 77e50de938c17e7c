#pragma once
#include <cstddef>
#include <cstdint>

#include "core/array.h"
#include "text/piece_trie.h"
#include "text/unicode.h"
#include "text/vocab.h"

namespace wembed::text {

/// What SentencePiece itself does to a text before its model sees it: user-defined pieces stay as they are, else the
/// longest key of the map of characters that the text begins with is replaced, spaces become ▁. (Hugging Face's
/// `Precompiled`, charsmap.h, goes by graphemes, and knows no user-defined pieces.)
class PieceNormalizer {
 public:
  enum Flags : uint32_t {
    kTrim = 1,    ///< spaces at the ends and after another space go
    kPrefix = 2,  ///< a space is put before the text …
    kSuffix = 4,  ///< … or, with this, behind it
    kEscape = 8,  ///< spaces become ▁
  };

  /// @param charsmap  as in charsmap.h, or empty
  /// @param pieces    user-defined ones, a zero after each
  /// @returns false where a map or the pieces cannot be read
  bool build(uint32_t flags, Bytes charsmap, Bytes pieces);
  void apply(size_t most, Array<CodePoint>* text, Array<CodePoint>* scratch);

 private:
  /// What the text at a place begins with: so many bytes of it become these.
  struct Prefix {
    size_t taken;
    Bytes becomes;
  };

  Prefix prefix_at(size_t byte) const;
  size_t user_defined_at(size_t byte) const;

  uint32_t flags_ = 0;
  Array<uint32_t> map_;  // empty where there is none
  PieceTrie pieces_;
  bool any_piece_ = false;
  Array<uint8_t> utf8_;  // the text at hand
};

}  // namespace wembed::text
