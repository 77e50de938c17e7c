#pragma once
#include <cstdint>
#include <memory>

#include "core/array.h"
#include "core/status.h"
#include "text/pattern.h"
#include "text/piece_normalizer.h"
#include "text/reader.h"
#include "text/unicode.h"

namespace wembed::text {

/// A code point's place in the original text, packed into one word: UTF-16 begin × 2 + (1 if it takes two units).
using Source = uint32_t;
inline uint32_t source_begin(Source s) { return s >> 1; }
inline uint32_t source_end(Source s) { return (s >> 1) + 1 + (s & 1); }

/// What BertNormalizer is asked to do.
enum BertFlags : uint32_t { kCleanText = 1, kChinese = 2, kStripAccents = 4, kLowercase = 8 };

/// The normalizers of a tokenizer.json, in order.
class Normalizer {
 public:
  Status build(Reader* in);
  /// @param at_start  the text begins where the whole begins: `Prepend` and `Strip` act there
  /// @param at_end    and ends where it ends
  /// @returns false where a pattern gave up on the text, or the steps make it far longer than it is: what is in *text
  ///   then means nothing
  bool apply(bool at_start, bool at_end, Array<CodePoint>* text);
  bool empty() const { return steps_.empty(); }
  /// A text cut before a space between two letters, the parts normalized, is the text normalized.
  bool by_parts() const;
  /// The same, and the space stays one.
  bool keeps_spaces() const;
  /// NFC is all there is.
  bool only_nfc() const { return steps_.size() == 1 && steps_[0].kind == Kind::form && steps_[0].flags == kNfc; }
  /// SentencePiece's own rules: what is sought in a text that was normalized so is spelled as there.
  bool takes_pieces() const;
  /// The flags where one BertNormalizer is all there is; false otherwise.
  bool only_bert(uint32_t* flags) const;

 private:
  enum class Kind : uint32_t {
    bert,
    form,
    lowercase,
    strip_accents,
    strip,
    replace,
    prepend,
    replace_run,
    charsmap,
    replace_pattern,
    spell_bytes,
    nmt,
    pieces
  };
  struct Step {
    Kind kind;
    uint32_t flags;
    // Code points; of a charsmap what `read_charsmap` makes of it, and `Graphemes::ends`, of which `flags` join.
    Array<uint32_t> from, to;
    std::unique_ptr<RegexPattern> regex;
    std::unique_ptr<PieceNormalizer> pieces;
  };

  static constexpr uint32_t kNfc = static_cast<uint32_t>(Form::nfc);

  void replace(const Step& step, size_t most, Array<CodePoint>* text);
  void replace_run(const Step& step, size_t most, Array<CodePoint>* text);
  bool replace_pattern(const Step& step, size_t most, Array<CodePoint>* text);

  Steps<Step> steps_;
  Array<CodePoint> scratch_;
  Array<uint8_t> utf8_;
};

}  // namespace wembed::text
