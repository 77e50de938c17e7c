#include "text/normalizer.h"

#include <algorithm>
#include <cstring>

#include "core/small.h"
#include "text/charsmap.h"
#include "text/extent.h"

namespace wembed::text {
namespace {

template <class Drop>
void remove_where(Array<CodePoint>* text, Drop drop) {
  CodePoint* kept = text->data();
  for (const CodePoint& c : *text)
    if (!drop(c.cp)) *kept++ = c;
  text->resize(static_cast<size_t>(kept - text->data()));
}

bool is_dropped(uint32_t cp) { return cp == 0 || cp == 0xFFFD || is_bert_control(cp); }

// What `Nmt` removes, and what it makes a space.
[[maybe_unused]] bool is_nmt_control(uint32_t cp) {
  return (cp >= 0x01 && cp <= 0x08) || cp == 0x0B || (cp >= 0x0E && cp <= 0x1F) || cp == 0x7F || cp == 0x8F ||
         cp == 0x9F;
}
[[maybe_unused]] bool is_nmt_space(uint32_t cp) {
  return cp == 0x09 || cp == 0x0A || cp == 0x0C || cp == 0x0D || cp == 0x1680 || (cp >= 0x200B && cp <= 0x200F) ||
         cp == 0x2028 || cp == 0x2029 || cp == 0x2581 || cp == 0xFEFF || cp == 0xFFFD;
}

// So many times its code points, and so many more, a text may become: replacements of replacements double it each time.
constexpr size_t kMostGrowth = 64, kMostOfShort = 1 << 16;

WEMBED_SMALL Array<uint32_t> code_points(Bytes s) {
  Array<uint32_t> out;
  uint32_t length;
  for (size_t i = 0; i < s.size; i += length) out.push_back(decode_utf8(s.data + i, s.data + s.size, &length));
  return out;
}

// White space at the text's ends or, as SentencePiece has it, spaces, of which the last may be spelled ▁.
void strip(uint32_t sides, bool spaces, Array<CodePoint>* text) {
  size_t begin = 0, end = text->size();
  const auto goes = [&](size_t i, uint32_t other) {
    const uint32_t cp = (*text)[i].cp;
    return spaces ? cp == ' ' || cp == other : is_whitespace(cp);
  };
  while ((sides & 1) && begin < end && goes(begin, ' ')) begin++;
  while ((sides & 2) && begin < end && goes(end - 1, 0x2581)) end--;
  if (begin) std::memmove(text->data(), text->data() + begin, (end - begin) * sizeof(CodePoint));
  text->resize(end - begin);
}

// What is put before the text belongs to its first character; before nothing, nothing is put.
void prepend(const Array<uint32_t>& s, Array<CodePoint>* text) {
  if (text->empty()) return;
  const uint32_t source = text->front().source;
  CodePoint* front = text->extend_front(s.size());
  for (size_t i = 0; i < s.size(); i++) front[i] = {s[i], source};
}

void lowercase(Array<CodePoint>* text, Array<CodePoint>* scratch) {
  scratch->clear();
  for (const CodePoint& c : *text) {
    uint32_t lower[3];
    const uint32_t n = to_lower(c.cp, lower);
    for (uint32_t i = 0; i < n; i++) scratch->push_back({lower[i], c.source});
  }
  text->swap(*scratch);
}

void bert(uint32_t flags, Array<CodePoint>* text, Array<CodePoint>* scratch) {
  if (flags & kCleanText) {
    remove_where(text, is_dropped);
    for (CodePoint& c : *text)
      if (is_whitespace(c.cp)) c.cp = ' ';
  }
  if (flags & kChinese) {
    scratch->clear();
    for (const CodePoint& c : *text) {
      const bool chinese = is_bert_chinese(c.cp);
      if (chinese) scratch->push_back({' ', c.source});
      scratch->push_back(c);
      if (chinese) scratch->push_back({' ', c.source});
    }
    text->swap(*scratch);
  }
  if (flags & kStripAccents) {
    normalize(Form::nfd, text, scratch);
    remove_where(text, is_bert_mark);
  }
  if (flags & kLowercase) lowercase(text, scratch);
}

[[maybe_unused]] void spell_bytes(Array<CodePoint>* text, Array<CodePoint>* scratch) {
  scratch->clear();
  for (const CodePoint& c : *text) {
    uint8_t encoded[4];
    const uint32_t n = encode_utf8(c.cp, encoded);
    for (uint32_t i = 0; i < n; i++) scratch->push_back({character_of_byte(encoded[i]), c.source});
  }
  text->swap(*scratch);
}

}  // namespace

WEMBED_SMALL Status Normalizer::build(Reader* in) {
  steps_.clear();
  const uint32_t n = in->u32();
  for (uint32_t i = 0; i < n && in->ok(); i++) {
    Step step;
    const uint32_t kind = in->u32();
    if (kind > static_cast<uint32_t>(Kind::pieces))
      return {Code::bad_file, "unknown normalizer in a tokenizer spec", double(kind), 12, double(i)};
    if (!kEveryTokenizer && kind > static_cast<uint32_t>(Kind::charsmap))
      return {Code::unsupported, "this normalizer is in the text module", double(kind), 8, double(i)};
    step.kind = static_cast<Kind>(kind);
    step.flags = in->u32();
    const Bytes from = in->bytes(), to = in->bytes();
    if (step.kind != Kind::pieces) step.to = code_points(to);
    const bool compatible = step.kind == Kind::form && (step.flags == 1 || step.flags == 3);
    if (step.kind != Kind::charsmap && step.kind != Kind::pieces && !compatible) step.from = code_points(from);
    if (step.kind == Kind::charsmap && (!read_charsmap(from, &step.from) || step.flags > step.to.size()))
      return {Code::bad_file, "a precompiled_charsmap that cannot be read", double(from.size)};
    if (compatible && !provide_compatibility(from.data, from.size))
      return {Code::bad_file, "not this version's table of compatibility decompositions", double(from.size)};
    if constexpr (kEveryTokenizer) {
      if (step.kind == Kind::replace_pattern) {
        step.regex.reset(new RegexPattern);
        const Status status = step.regex->build(from.data, from.size, false);
        if (!status.ok()) return status;
      }
      if (step.kind == Kind::pieces) {
        step.pieces.reset(new PieceNormalizer);
        if (!step.pieces->build(step.flags, from, to))
          return {Code::bad_file, "a SentencePiece normalizer that cannot be read", double(from.size), double(to.size)};
      }
    }
    if (step.kind == Kind::form && step.flags > 3)
      return {Code::bad_file, "unknown normalization form", double(step.flags), 3, double(i)};
    if (step.kind == Kind::replace && step.from.empty())
      return {Code::bad_file, "a replacement of nothing", 0, 1, double(i)};
    if (!steps_.add(&step)) return {Code::unsupported, "more steps in a row than are covered", double(n)};
  }
  return {};
}

WEMBED_SMALL bool Normalizer::only_bert(uint32_t* flags) const {
  if (steps_.size() != 1 || steps_[0].kind != Kind::bert) return false;
  *flags = steps_[0].flags;
  return true;
}

WEMBED_SMALL bool Normalizer::takes_pieces() const {
  for (const Step& step : steps_)
    if (step.kind == Kind::pieces) return true;
  return false;
}

WEMBED_SMALL bool Normalizer::by_parts() const {
  for (const Step& step : steps_) {
    if (step.kind == Kind::replace && step.from.size() > 1) return false;
    if (step.kind == Kind::replace_pattern || step.kind == Kind::pieces) return false;
  }
  return true;
}

WEMBED_SMALL bool Normalizer::keeps_spaces() const {
  for (const Step& step : steps_) {
    const bool replaces_one = (step.kind == Kind::replace && step.from[0] == ' ') ||
                              (step.kind == Kind::replace_run && !(step.flags & 1)) ||
                              (step.kind == Kind::charsmap && maps_space(step.from));
    if (step.kind == Kind::prepend || step.kind == Kind::spell_bytes || replaces_one) return false;
  }
  return by_parts();
}

bool Normalizer::apply(bool at_start, bool at_end, Array<CodePoint>* text) {
  const uint32_t ends = (at_start ? 1u : 0u) | (at_end ? 2u : 0u);
  const size_t most = kMostGrowth * text->size() + kMostOfShort;
  for (const Step& step : steps_) {
    switch (step.kind) {
      case Kind::bert:
        bert(step.flags, text, &scratch_);
        break;
      case Kind::form:
        normalize(static_cast<Form>(step.flags), text, &scratch_);
        break;
      case Kind::lowercase:
        lowercase(text, &scratch_);
        break;
      case Kind::strip_accents:
        remove_where(text, is_accent);
        break;
      case Kind::strip:
        strip(step.flags & ends, false, text);
        break;
      case Kind::replace:
        replace(step, most, text);
        break;
      case Kind::prepend:
        if (at_start) prepend(step.to, text);
        break;
      case Kind::replace_run:
        if (step.flags & 2)
          strip(ends, true, text);
        else
          replace_run(step, most, text);
        break;
      case Kind::charsmap:
        apply_charsmap(step.from, {step.to.data(), step.flags, step.to.size()}, most, text, &scratch_);
        break;
      case Kind::replace_pattern:
        if constexpr (kEveryTokenizer) {
          if (!replace_pattern(step, most, text)) return false;
        }
        break;
      case Kind::spell_bytes:
        if constexpr (kEveryTokenizer) spell_bytes(text, &scratch_);
        break;
      case Kind::nmt:
        if constexpr (kEveryTokenizer) {
          remove_where(text, is_nmt_control);
          for (CodePoint& c : *text)
            if (is_nmt_space(c.cp)) c.cp = ' ';
        }
        break;
      case Kind::pieces:
        if constexpr (kEveryTokenizer) step.pieces->apply(most, text, &scratch_);
        break;
    }
    if (text->size() > most) return false;
  }
  return true;
}

// The replacement belongs to the last character it replaces, as in the reference.
void Normalizer::replace(const Step& step, size_t most, Array<CodePoint>* text) {
  const auto same = [](const CodePoint& c, uint32_t cp) { return c.cp == cp; };
  scratch_.clear();
  auto at = text->begin();
  while (true) {
    const auto match = std::search(at, text->end(), step.from.begin(), step.from.end(), same);
    scratch_.append(at, static_cast<size_t>(match - at));
    if (match == text->end() || scratch_.size() > most) break;
    at = match + static_cast<ptrdiff_t>(step.from.size());
    for (uint32_t cp : step.to) scratch_.push_back({cp, (at - 1)->source});
  }
  text->swap(scratch_);
}

// A match becomes the replacement, which belongs to the match's last character; an empty match stands before the
// character it is found at.
WEMBED_SMALL bool Normalizer::replace_pattern(const Step& step, size_t most, Array<CodePoint>* text) {
  utf8_.clear();
  for (const CodePoint& c : *text) {
    uint8_t encoded[4];
    utf8_.append(encoded, encode_utf8(c.cp, encoded));
  }
  scratch_.clear();
  size_t byte = 0, at = 0;  // the same place in utf8_ and in text
  const auto advance = [&](size_t to, bool keep) {
    for (; byte < to; at++) {
      if (keep) scratch_.push_back((*text)[at]);
      byte += utf8_length(utf8_[byte]);
    }
  };
  const bool done = step.regex->find_all(utf8_.data(), utf8_.size(), [&](size_t begin, size_t end) {
    advance(begin, true);
    advance(end, false);
    const size_t last = at > 0 ? at - 1 : 0;
    if (text->empty() || scratch_.size() > most) return;
    for (uint32_t cp : step.to) scratch_.push_back({cp, (*text)[last].source});
  });
  advance(utf8_.size(), true);
  text->swap(scratch_);
  return done;
}

// Runs of white space (\s+) or, with flags 1, of at least two spaces ( {2,}).
void Normalizer::replace_run(const Step& step, size_t most, Array<CodePoint>* text) {
  const bool spaces = step.flags & 1;
  const auto in_run = [spaces](uint32_t cp) { return spaces ? cp == ' ' : is_whitespace(cp); };
  scratch_.clear();
  for (size_t i = 0; i < text->size() && scratch_.size() <= most;) {
    size_t end = i;
    while (end < text->size() && in_run((*text)[end].cp)) end++;
    if (end < i + 1 + spaces) {
      scratch_.push_back((*text)[i++]);
      continue;
    }
    for (uint32_t cp : step.to) scratch_.push_back({cp, (*text)[end - 1].source});
    i = end;
  }
  text->swap(scratch_);
}

}  // namespace wembed::text
