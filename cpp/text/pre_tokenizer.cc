#include "text/pre_tokenizer.h"

#include "text/extent.h"

namespace wembed::text {
namespace {

/// Splits [begin, end) where the class changes. `classify` gives 0 for what is dropped, an odd class for characters
/// that stand alone, an even one for those that run together.
template <class Classify, class Sink>
void split_by_class(const uint8_t* s, size_t begin, size_t end, Classify classify, Sink sink) {
  uint32_t length, last = 0;
  size_t from = begin;
  for (size_t i = begin; i < end; i += length) {
    const uint32_t c = classify(decode_utf8(s + i, s + end, &length));
    if (c != last || (c & 1)) {
      if (last && i > from) sink(from, i);
      from = i;
    }
    last = c;
  }
  if (last && end > from) sink(from, end);
}

uint32_t bert_class(uint32_t cp) { return is_whitespace(cp) ? 0 : is_bert_punctuation(cp) ? 1 : 2; }
uint32_t word_class(uint32_t cp) { return is_word(cp) ? 2 : is_whitespace(cp) ? 0 : 4; }
uint32_t solid_class(uint32_t cp) { return is_whitespace(cp) ? 0 : 2; }

/// The class `Punctuation` gives to punctuation under a behaviour.
uint32_t punctuation_class(Behavior behavior) {
  return behavior == Behavior::removed ? 0 : behavior == Behavior::isolated ? 1 : 4;
}

}  // namespace

Status PreTokenizer::build(Reader* in) {
  steps_.clear();
  const uint32_t n = in->u32();
  for (uint32_t i = 0; i < n && in->ok(); i++) {
    const uint32_t kind = in->u32();
    if (kind > static_cast<uint32_t>(Kind::scripts))
      return {Code::bad_file, "unknown pre-tokenizer in a tokenizer spec", double(kind), 10, double(i)};
    Step step{static_cast<Kind>(kind), in->u32(), in->u32(), {}, nullptr};
    const Bytes text = in->bytes();
    if (!kEveryTokenizer && needs_every(step.kind, step.a))
      return {Code::unsupported, "patterns are in the text module", double(kind), 0, double(i)};
    if (kEveryTokenizer && step.kind == Kind::pattern) {
      const Status status = build_pattern(text, step.a, i, &step);
      if (!status.ok()) return status;
    } else if (kEveryTokenizer && step.kind == Kind::scripts) {
      const Status status = scripts_.build(text);
      if (!status.ok()) return status;
    } else {
      step.replacement.assign(text.data, text.size);
    }
    if (step.kind == Kind::metaspace && (step.replacement.empty() || step.a > 2))
      return {Code::bad_file, "a metaspace without a replacement or scheme", double(step.a), 2, double(i)};
    if (!steps_.add(&step)) return {Code::unsupported, "more steps in a row than are covered", double(n)};
  }
  return {};
}

bool PreTokenizer::needs_every(Kind kind, uint32_t a) const {
  const auto behavior = static_cast<Behavior>(a);
  return kind == Kind::pattern || kind == Kind::byte_level || kind >= Kind::delimiter ||
         (kind == Kind::punctuation &&
          (behavior == Behavior::merged_with_previous || behavior == Behavior::merged_with_next));
}

bool PreTokenizer::splits_at_spaces() const {
  for (const Step& step : steps_) {
    if (step.kind == Kind::punctuation || step.kind == Kind::digits || step.kind == Kind::delimiter) continue;
    if (step.kind == Kind::fixed_length || step.kind == Kind::scripts) return false;
    if (step.kind == Kind::pattern) return !step.regex && static_cast<Effect>(step.b) == Effect::pieces;
    if (step.kind == Kind::byte_level) return (step.b & 1) != 0;
    return step.kind == Kind::metaspace ? step.b != 0 : true;
  }
  return false;
}

/// Leaves in the step's `a` the pattern or, where it has no scanner of its own, whether it is inverted; in `b` the
/// effect, or the behaviour.
Status PreTokenizer::build_pattern(Bytes text, uint32_t flags, uint32_t index, Step* step) {
  constexpr uint32_t kInvert = 1, kLiteral = 2;
  if (step->b > static_cast<uint32_t>(Behavior::contiguous))
    return {Code::bad_file, "an unknown behavior of Split", double(step->b), 4, double(index)};
  Pattern pattern;
  const bool invert = flags & kInvert, literal = flags & kLiteral;
  if (!literal && find_pattern(reinterpret_cast<const char*>(text.data), text.size, &pattern)) {
    step->a = static_cast<uint32_t>(pattern);
    step->b = static_cast<uint32_t>(effect_of(static_cast<Behavior>(step->b), invert));
    return {};
  }
  step->a = invert;
  step->regex.reset(new RegexPattern);
  return step->regex->build(text.data, text.size, literal);
}

bool PreTokenizer::only_pattern(Pattern* pattern) const {
  if (steps_.size() == 0 || steps_.size() > 2) return false;
  const Step &first = steps_[0], &last = steps_[steps_.size() - 1];
  if (last.kind != Kind::byte_level || last.a || (last.b & 2)) return false;
  if (steps_.size() == 1) {
    *pattern = Pattern::gpt2;
    return last.b != 0;
  }
  *pattern = static_cast<Pattern>(first.a);
  return first.kind == Kind::pattern && !first.regex && static_cast<Effect>(first.b) == Effect::pieces && !last.b;
}

bool PreTokenizer::marks_first(bool in_parts) const {
  for (size_t i = in_parts ? 0 : 1; i < steps_.size(); i++) {
    const Step& step = steps_[i];
    if (step.kind == Kind::metaspace && static_cast<PrependScheme>(step.a) == PrependScheme::first) return true;
  }
  return false;
}

bool PreTokenizer::apply(bool at_start, Text* text) {
  text->pieces.assign(1, {0, text->bytes.size()});
  for (const Step& step : steps_) {
    if (step.kind == Kind::metaspace)
      rewriter_.metaspace(static_cast<PrependScheme>(step.a), step.replacement, at_start, text);
    if (step.kind == Kind::byte_level && step.a) rewriter_.prefix_space(text);
    out_.clear();
    for (const Piece& piece : text->pieces) {
      if (!kEveryTokenizer || !step.regex)
        split_piece(step, text->bytes.data(), piece);
      else if (!parts_.by_pattern(step.regex.get(), static_cast<Behavior>(step.b), step.a != 0, text->bytes.data(),
                                  piece, &out_))
        return false;
    }
    text->pieces.swap(out_);
    if (kEveryTokenizer && step.kind == Kind::byte_level && (step.b & 2)) rewriter_.spell_bytes(text);
  }
  return true;
}

void PreTokenizer::split_piece(const Step& step, const uint8_t* s, Piece piece) {
  const auto sink = [this](size_t begin, size_t end) { out_.push_back({begin, end}); };
  const auto shifted = [this, piece](size_t begin, size_t end) {
    out_.push_back({piece.begin + begin, piece.begin + end});
  };
  const size_t size = piece.end - piece.begin;
  switch (step.kind) {
    case Kind::bert:
      return split_by_class(s, piece.begin, piece.end, bert_class, sink);
    case Kind::whitespace:
      return split_by_class(s, piece.begin, piece.end, word_class, sink);
    case Kind::whitespace_split:
      return split_by_class(s, piece.begin, piece.end, solid_class, sink);
    case Kind::punctuation: {
      if constexpr (kEveryTokenizer) {
        if (needs_every(step.kind, step.a))
          return parts_.by_punctuation(static_cast<Behavior>(step.a), s, piece, &out_);
      }
      const uint32_t mark = punctuation_class(static_cast<Behavior>(step.a));
      const auto classify = [mark](uint32_t cp) { return is_bert_punctuation(cp) ? mark : 2; };
      return split_by_class(s, piece.begin, piece.end, classify, sink);
    }
    case Kind::digits:
      return split_digits(step.a != 0, s + piece.begin, size, shifted);
    case Kind::pattern:
      if (static_cast<Effect>(step.b) == Effect::whole && size) return out_.push_back(piece);
      if (static_cast<Effect>(step.b) == Effect::nothing) return;
      if constexpr (kEveryTokenizer) split(static_cast<Pattern>(step.a), s + piece.begin, size, shifted);
      return;
    case Kind::byte_level:
      if (!(step.b & 1)) return out_.push_back(piece);
      if constexpr (kEveryTokenizer) split(Pattern::gpt2, s + piece.begin, size, shifted);
      return;
    case Kind::delimiter: {
      const uint32_t delimiter = step.a;
      return split_by_class(
          s, piece.begin, piece.end, [delimiter](uint32_t cp) { return cp == delimiter ? 0u : 2u; }, sink);
    }
    case Kind::fixed_length:
      return split_by_length(step.a, s, piece);
    case Kind::scripts:
      if constexpr (kEveryTokenizer) scripts_.split(s, piece, &out_);
      return;
    case Kind::metaspace:
      if (step.b)
        return split_metaspace(step.replacement.data(), step.replacement.size(), s + piece.begin, size, shifted);
      return out_.push_back(piece);
  }
}

void PreTokenizer::split_by_length(uint32_t characters, const uint8_t* s, Piece piece) {
  for (size_t begin = piece.begin, end; begin < piece.end; begin = end) {
    end = begin;
    for (uint32_t i = 0; i < characters && end < piece.end; i++) end += utf8_length(s[end]);
    if (end > piece.end) end = piece.end;
    out_.push_back({begin, end});
  }
}

}  // namespace wembed::text
