#pragma once
#include <cstdint>
#include <memory>

#include "core/array.h"
#include "core/status.h"
#include "text/pattern.h"
#include "text/reader.h"
#include "text/script_runs.h"
#include "text/split.h"
#include "text/split_parts.h"
#include "text/text.h"
#include "text/text_rewriter.h"

namespace wembed::text {

/// The pre-tokenizers of a tokenizer.json, in order. Byte-level text stays raw bytes: the vocabulary is raw, too.
class PreTokenizer {
 public:
  Status build(Reader* in);
  /// Splits all of text->bytes into text->pieces, none of them empty.
  /// @param at_start  the text begins where the whole input begins
  /// @returns false where a pattern gave up on the text (RegexPattern)
  bool apply(bool at_start, Text* text);
  /// Whether a step marks the first word, and may be given several that come from the text's first character.
  /// @param in_parts  the first step is given a text in parts
  bool marks_first(bool in_parts) const;
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
    fixed_length,
    scripts
  };
  struct Step {
    Kind kind;
    uint32_t a, b;  // meaning depends on the kind
    Array<uint8_t> replacement;
    std::unique_ptr<RegexPattern> regex;  // of a pattern without a scanner of its own
  };
  using Piece = Text::Piece;

  Status build_pattern(Bytes text, uint32_t flags, uint32_t index, Step* step);
  void split_piece(const Step& step, const uint8_t* s, Piece piece);
  void split_by_length(uint32_t characters, const uint8_t* s, Piece piece);
  bool needs_every(Kind kind, uint32_t a) const;

  Steps<Step> steps_;
  Array<Piece> out_;
  SplitParts parts_;
  ScriptRuns scripts_;
  TextRewriter rewriter_;
};

}  // namespace wembed::text
