#include "text/normalizer.h"

#include <algorithm>
#include <cstring>

namespace wembed::text {
namespace {

template <class Drop>
void remove_where(Array<CodePoint>* text, Drop drop) {
  CodePoint* kept = text->data();
  for (const CodePoint& c : *text)
    if (!drop(c.cp)) *kept++ = c;
  text->resize(static_cast<size_t>(kept - text->data()));
}

constexpr uint8_t kSpace[] = {' '};

bool is_dropped(uint32_t cp) { return cp == 0 || cp == 0xFFFD || is_bert_control(cp); }

Array<uint32_t> code_points(Bytes s) {
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

bool is_in(const uint32_t* ends, size_t n, uint32_t cp) { return (std::upper_bound(ends, ends + n, cp) - ends) & 1; }

// A charsmap is a darts-clone trie, its length in bytes before it, and behind it the texts its values are the places
// of. The first key that s begins with is what the reference takes. Null where there is none.
const uint8_t* find(const Array<uint32_t>& map, const uint8_t* s, size_t size) {
  const uint32_t n = map[0] / 4;
  const uint32_t* units = map.data() + 1;
  const auto offset = [](uint32_t unit) { return (unit >> 10) << ((unit & 0x200) >> 6); };
  uint32_t node = offset(units[0]);
  for (size_t i = 0; i < size && s[i]; i++) {
    node ^= s[i];
    if (node >= n || (units[node] & 0x800000FF) != s[i]) return nullptr;
    const uint32_t unit = units[node];
    node ^= offset(unit);
    if (!(unit & 0x100)) continue;
    const uint32_t at = node < n ? units[node] & 0x7FFFFFFF : UINT32_MAX;
    return at < (map.size() - 1 - n) * 4 ? reinterpret_cast<const uint8_t*>(units + n) + at : nullptr;
  }
  return nullptr;
}

bool take_charsmap(Bytes file, Array<uint32_t>* words) {
  words->resize(file.size / 4 + 2);  // the last is zero, so that every text ends
  std::memset(words->data(), 0, words->size() * 4);
  if (file.size) std::memcpy(words->data(), file.data, file.size);
  const uint32_t trie = (*words)[0];
  return file.size >= 8 && trie % 4 == 0 && trie >= 4 && trie <= file.size - 4;
}

}  // namespace

Status Normalizer::build(Reader* in) {
  steps_.clear();
  const uint32_t n = in->u32();
  for (uint32_t i = 0; i < n && in->ok(); i++) {
    Step step;
    const uint32_t kind = in->u32();
    if (kind > static_cast<uint32_t>(Kind::charsmap))
      return {Code::bad_file, "unknown normalizer in a tokenizer spec", double(kind), 8, double(i)};
    step.kind = static_cast<Kind>(kind);
    step.flags = in->u32();
    const Bytes from = in->bytes();
    step.to = code_points(in->bytes());
    const bool compatible = step.kind == Kind::form && (step.flags == 1 || step.flags == 3);
    if (step.kind != Kind::charsmap && !compatible) step.from = code_points(from);
    if (step.kind == Kind::charsmap && (!take_charsmap(from, &step.from) || step.flags > step.to.size()))
      return {Code::bad_file, "a precompiled_charsmap that is none", double(from.size)};
    if (compatible && !provide_compatibility(from.data, from.size))
      return {Code::bad_file, "not this version's table of compatibility decompositions", double(from.size)};
    if (step.kind == Kind::form && step.flags > 3)
      return {Code::bad_file, "unknown normalization form", double(step.flags), 3, double(i)};
    if (step.kind == Kind::replace && step.from.empty())
      return {Code::bad_file, "a replacement of nothing", 0, 1, double(i)};
    if (!steps_.add(&step)) return {Code::unsupported, "more steps in a row than are covered", double(n)};
  }
  return {};
}

bool Normalizer::only_bert(uint32_t* flags) const {
  if (steps_.size() != 1 || steps_[0].kind != Kind::bert) return false;
  *flags = steps_[0].flags;
  return true;
}

bool Normalizer::by_parts() const {
  for (const Step& step : steps_) {
    if (step.kind == Kind::replace && step.from.size() > 1) return false;
  }
  return true;
}

bool Normalizer::keeps_spaces() const {
  for (const Step& step : steps_) {
    const bool replaces_one = (step.kind == Kind::replace && step.from[0] == ' ') ||
                              (step.kind == Kind::replace_run && !(step.flags & 1)) ||
                              (step.kind == Kind::charsmap && find(step.from, kSpace, 1));
    if (step.kind == Kind::prepend || replaces_one) return false;
  }
  return by_parts();
}

void Normalizer::apply(bool at_start, bool at_end, Array<CodePoint>* text) {
  const uint32_t ends = (at_start ? 1u : 0u) | (at_end ? 2u : 0u);
  for (const Step& step : steps_) {
    switch (step.kind) {
      case Kind::bert:
        bert(step.flags, text);
        break;
      case Kind::form:
        normalize(static_cast<Form>(step.flags), text, &scratch_);
        break;
      case Kind::lowercase:
        lowercase(text);
        break;
      case Kind::strip_accents:
        remove_where(text, is_accent);
        break;
      case Kind::strip:
        strip(step.flags & ends, false, text);
        break;
      case Kind::replace:
        replace(step, text);
        break;
      case Kind::prepend:
        if (at_start) prepend(step.to, text);
        break;
      case Kind::replace_run:
        if (step.flags & 2)
          strip(ends, true, text);
        else
          replace_run(step, text);
        break;
      case Kind::charsmap:
        charsmap(step, text);
        break;
    }
  }
}

void Normalizer::bert(uint32_t flags, Array<CodePoint>* text) {
  if (flags & kCleanText) {
    remove_where(text, is_dropped);
    for (CodePoint& c : *text)
      if (is_whitespace(c.cp)) c.cp = ' ';
  }
  if (flags & kChinese) {
    scratch_.clear();
    for (const CodePoint& c : *text) {
      const bool chinese = is_bert_chinese(c.cp);
      if (chinese) scratch_.push_back({' ', c.source});
      scratch_.push_back(c);
      if (chinese) scratch_.push_back({' ', c.source});
    }
    text->swap(scratch_);
  }
  if (flags & kStripAccents) {
    normalize(Form::nfd, text, &scratch_);
    remove_where(text, is_bert_mark);
  }
  if (flags & kLowercase) lowercase(text);
}

void Normalizer::lowercase(Array<CodePoint>* text) {
  scratch_.clear();
  for (const CodePoint& c : *text) {
    uint32_t lower[3];
    const uint32_t n = to_lower(c.cp, lower);
    for (uint32_t i = 0; i < n; i++) scratch_.push_back({lower[i], c.source});
  }
  text->swap(scratch_);
}

// The replacement belongs to the last character it replaces, as in the reference.
void Normalizer::replace(const Step& step, Array<CodePoint>* text) {
  const auto same = [](const CodePoint& c, uint32_t cp) { return c.cp == cp; };
  scratch_.clear();
  auto at = text->begin();
  while (true) {
    const auto match = std::search(at, text->end(), step.from.begin(), step.from.end(), same);
    scratch_.append(at, static_cast<size_t>(match - at));
    if (match == text->end()) break;
    at = match + static_cast<ptrdiff_t>(step.from.size());
    for (uint32_t cp : step.to) scratch_.push_back({cp, (at - 1)->source});
  }
  text->swap(scratch_);
}

// Runs of white space (\s+) or, with flags 1, of at least two spaces ( {2,}).
void Normalizer::replace_run(const Step& step, Array<CodePoint>* text) {
  const bool spaces = step.flags & 1;
  const auto in_run = [spaces](uint32_t cp) { return spaces ? cp == ' ' : is_whitespace(cp); };
  scratch_.clear();
  for (size_t i = 0; i < text->size();) {
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

// The reference looks a grapheme up as a whole if it has fewer than six bytes, and else, or where no key begins it, its
// characters one by one. Places go by position: so many characters take the place of so many, and what goes before
// anything has come takes none.
void Normalizer::charsmap(const Step& step, Array<CodePoint>* text) {
  const CodePoint* s = text->data();
  const size_t n = text->size();
  const auto joins = [&](size_t i) { return i < n && is_in(step.to.data(), step.flags, s[i].cp); };
  const auto alone = [&](uint32_t cp) { return is_in(step.to.data() + step.flags, step.to.size() - step.flags, cp); };
  scratch_.clear();
  size_t taken = 0;
  const auto put = [&](const uint8_t* found, size_t old) {
    const size_t before = scratch_.size();
    const uint8_t* const end = reinterpret_cast<const uint8_t*>(step.from.end());
    for (uint32_t length; *found; found += length) {
      const size_t place = std::min(scratch_.size() - before, old - 1);
      scratch_.push_back({decode_utf8(found, end, &length), s[taken + place].source});
    }
    if (scratch_.size()) taken += old;
  };
  uint8_t utf8[12];
  for (size_t i = 0, end; i < n; i = end) {
    end = i + 1;
    if (s[i].cp == '\r' && end < n && s[end].cp == '\n') end++;
    if (joins(end) && !alone(s[i].cp))
      while (joins(end)) end++;
    size_t size = 0;
    for (size_t k = i; k < end && size < 6; k++) size += encode_utf8(s[k].cp, utf8 + size);
    const uint8_t* whole = size < 6 ? find(step.from, utf8, size) : nullptr;
    if (whole) {
      put(whole, end - i);
      continue;
    }
    for (size_t k = i; k < end; k++) {
      const uint8_t* found = find(step.from, utf8, encode_utf8(s[k].cp, utf8));
      if (found) {
        put(found, 1);
      } else {
        scratch_.push_back({s[k].cp, s[taken].source});
        taken++;
      }
    }
  }
  text->swap(scratch_);
}

}  // namespace wembed::text
