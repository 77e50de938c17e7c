#pragma once
#include <cstdint>
#include <memory>

#include "core/array.h"
#include "core/status.h"
#include "text/normalizer.h"
#include "text/pattern.h"
#include "text/reader.h"
#include "text/split.h"

namespace wembed::text {

/// Normalized text on its way to the model: UTF-8, where each byte came from (if offsets are wanted), and the pieces.
struct Text {
  struct Piece {
    size_t begin, end;
  };
  Array<uint8_t> bytes;
  Array<Source> source;  // one a byte; empty where nobody asked
  Array<Piece> pieces;
  bool tracked = false;
};

/// The pre-tokenizers of a tokenizer.json, in order. Byte-level text stays raw bytes: the vocabulary is raw, too.
class PreTokenizer {
 public:
  Status build(Reader* in);
  /// Splits all of text->bytes into text->pieces, none of them empty.
  /// @param at_start  the text begins where the whole input begins
  /// @returns false where a pattern gave up on the text (RegexPattern)
  bool apply(bool at_start, Text* text);
  /// A piece ends before every space between two letters.
  bool splits_at_spaces() const;
  /// True where all of it is a pattern's pieces as bytes.
  bool only_pattern(Pattern* pattern) const;
  bool only_bert() const { return steps_.size() == 1 && steps_[0].kind == Kind::bert; }

 private:
  enum class Kind : uint32_t {
    bert,
    whitespace,
    whitespace_split,
    punctuation,
    digits,
    pattern,
    byte_level,
    metaspace,
    delimiter,
    fixed_length
  };
  struct Step {
    Kind kind;
    uint32_t a, b;  // meaning depends on the kind
    Array<uint8_t> replacement;
    std::unique_ptr<RegexPattern> regex;  // of a pattern without a scanner of its own
  };
  /// A match of a pattern, or what is between two.
  struct Part {
    size_t begin, end;
    bool is_match;
  };
  using Piece = Text::Piece;

  Status build_pattern(Bytes text, uint32_t flags, uint32_t index, Step* step);
  bool split_by_regex(const Step& step, const uint8_t* s, Piece piece);
  void put_parts(Behavior behavior, bool invert, size_t at);
  void split_piece(const Step& step, const uint8_t* s, Piece piece);
  void prefix_space(Text* text);
  void split_punctuation(Behavior behavior, const uint8_t* s, Piece piece);
  void split_by_length(uint32_t characters, const uint8_t* s, Piece piece);
  void spell_bytes(Text* text);
  bool needs_every(Kind kind, uint32_t a) const;
  void metaspace(const Step& step, bool at_start, Text* text);

  Steps<Step> steps_;
  Array<Piece> out_;
  Array<Part> parts_;
  Text scratch_;
};

}  // namespace wembed::text
