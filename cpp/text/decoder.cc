#include "text/decoder.h"

#include <algorithm>
#include <cstring>

#include "text/bpe.h"
#include "text/extent.h"
#include "text/unicode.h"

namespace wembed::text {
namespace {

using Buffer = Array<uint8_t>;

bool starts_with(Bytes s, const Buffer& prefix) {
  return s.size >= prefix.size() && std::equal(prefix.begin(), prefix.end(), s.data);
}

void append(Buffer* out, const uint8_t* s, size_t n) { out->append(s, n); }

void append_replaced(Buffer* out, const uint8_t* s, size_t n, const uint8_t* from, size_t from_size, const uint8_t* to,
                     size_t to_size) {
  for (const uint8_t* end = s + n;;) {
    const uint8_t* match = std::search(s, end, from, from + from_size);
    append(out, s, static_cast<size_t>(match - s));
    if (match == end) return;
    append(out, to, to_size);
    s = match + from_size;
  }
}

// The tidying of English the reference does within each token, in its order.
void clean_up(Buffer* token) {
  static const char* const kPairs[][2] = {{" .", "."},   {" ?", "?"},     {" !", "!"},    {" ,", ","},
                                          {" ' ", "'"},  {" n't", "n't"}, {" 'm", "'m"},  {" do not", " don't"},
                                          {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
  Buffer next;
  for (const auto& pair : kPairs) {
    next.clear();
    append_replaced(&next, token->data(), token->size(), reinterpret_cast<const uint8_t*>(pair[0]),
                    std::strlen(pair[0]), reinterpret_cast<const uint8_t*>(pair[1]), std::strlen(pair[1]));
    token->swap(next);
  }
}

int hex(uint8_t c) { return c - '0' < 10u ? c - '0' : (c | 32) - 'a' < 6u ? (c | 32) - 'a' + 10 : -1; }

/// The byte that <0xNN> names, or -1.
int named_byte(Bytes s) {
  if (s.size != 6 || std::memcmp(s.data, "<0x", 3) != 0 || s.data[5] != '>') return -1;
  const int high = hex(s.data[3]), low = hex(s.data[4]);
  return high < 0 || low < 0 ? -1 : high << 4 | low;
}

bool is_utf8(const Buffer& s) {
  uint32_t length;
  for (size_t i = 0; i < s.size(); i += length)
    if (decode_utf8(&s[i], s.data() + s.size(), &length) == 0xFFFD && length == 1) return false;
  return true;
}

// A run of byte tokens that is no text becomes one U+FFFD a byte.
void flush_bytes(Buffer* run, Buffer* out) {
  if (is_utf8(*run)) {
    append(out, run->data(), run->size());
  } else {
    for (size_t i = 0; i < run->size(); i++) append(out, reinterpret_cast<const uint8_t*>("\xEF\xBF\xBD"), 3);
  }
  run->clear();
}

}  // namespace

Status Decoder::build(Reader* in) {
  steps_.clear();
  const uint32_t n = in->u32();
  for (uint32_t i = 0; i < n && in->ok(); i++) {
    const uint32_t kind = in->u32();
    if (kind > static_cast<uint32_t>(Kind::ctc))
      return {Code::bad_file, "unknown decoder in a tokenizer spec", double(kind), 8, double(i)};
    Step step{static_cast<Kind>(kind), in->u32(), in->u32(), {}, {}};
    if (!kEveryTokenizer && (step.kind == Kind::byte_level || step.kind == Kind::ctc))
      return {Code::unsupported, "this decoder is in the text module", double(kind), 0, double(i)};
    const Bytes from = in->bytes(), to = in->bytes();
    step.from.assign(from.data, from.size);
    step.to.assign(to.data, to.size);
    const bool needs = step.kind == Kind::ctc || step.kind == Kind::metaspace || step.kind == Kind::strip ||
                       step.kind == Kind::replace;
    if (needs && from.size == 0) return {Code::bad_file, "a decoder that replaces nothing", double(kind), 0, double(i)};
    if (!steps_.add(&step)) return {Code::unsupported, "more steps in a row than are covered", double(n)};
  }
  return {};
}

void Decoder::clear(List* list) {
  list->bytes.clear();
  list->ends.clear();
}

void Decoder::push(List* list, const uint8_t* s, size_t n) {
  append(&list->bytes, s, n);
  list->ends.push_back(list->bytes.size());
}

Bytes Decoder::token(size_t i) const {
  const size_t begin = i ? tokens_.ends[i - 1] : 0;
  return {tokens_.bytes.data() + begin, tokens_.ends[i] - begin};
}

void Decoder::finish(Buffer* out) {
  for (const Step& step : steps_) each(step);
  if (!steps_.empty()) return append(out, tokens_.bytes.data(), tokens_.bytes.size());
  for (size_t i = 0; i < tokens_.ends.size(); i++) {
    if (i) out->push_back(' ');
    append(out, token(i).data, token(i).size);
  }
}

void Decoder::each(const Step& step) {
  clear(&next_);
  if (kEveryTokenizer && step.kind == Kind::byte_level) {
    byte_level(&next_.bytes);
    next_.ends.push_back(next_.bytes.size());
  } else if (step.kind == Kind::byte_fallback) {
    byte_fallback();
  } else if (kEveryTokenizer && step.kind == Kind::ctc) {
    ctc(step);
  } else if (step.kind == Kind::fuse) {
    next_.bytes.append(tokens_.bytes);
    next_.ends.push_back(next_.bytes.size());
  } else {
    Buffer text;
    for (size_t i = 0; i < tokens_.ends.size(); i++) {
      text.clear();
      decode_token(step, i, &text);
      push(&next_, text.data(), text.size());
    }
  }
  tokens_.bytes.swap(next_.bytes);
  tokens_.ends.swap(next_.ends);
}

void Decoder::decode_token(const Step& step, size_t i, Buffer* out) const {
  const Bytes s = token(i);
  const size_t n = step.from.size();
  if (step.kind == Kind::word_piece) {
    const bool continues = i && starts_with(s, step.from);
    if (i && !continues) out->push_back(' ');
    append(out, s.data + (continues ? n : 0), s.size - (continues ? n : 0));
    if (step.a) clean_up(out);
  } else if (step.kind == Kind::metaspace) {
    const uint8_t space = ' ';
    append_replaced(out, s.data, s.size, step.from.data(), n, &space, i == 0 && step.a ? 0 : 1);
  } else if (step.kind == Kind::replace) {
    append_replaced(out, s.data, s.size, step.from.data(), n, step.to.data(), step.to.size());
  } else if (step.kind == Kind::bpe) {
    // The end-of-word suffix becomes a space, but after the last token nothing.
    const uint8_t space = ' ';
    if (n == 0) return append(out, s.data, s.size);
    append_replaced(out, s.data, s.size, step.from.data(), n, &space, i + 1 == tokens_.ends.size() ? 0 : 1);
  } else {
    size_t begin = 0, end = s.size;
    for (uint32_t k = 0; k < step.a && starts_with({s.data + begin, end - begin}, step.from); k++) begin += n;
    for (uint32_t k = 0;
         k < step.b && end - begin >= n && std::equal(step.from.begin(), step.from.end(), s.data + end - n); k++)
      end -= n;
    append(out, s.data + begin, end - begin);
  }
}

// Of equal neighbours one stays, the padding goes, a word's delimiter becomes a space.
void Decoder::ctc(const Step& step) {
  const uint8_t space = ' ';
  Buffer text, tidy;
  for (size_t i = 0; i < tokens_.ends.size(); i++) {
    const Bytes s = token(i);
    const Bytes before = i ? token(i - 1) : Bytes{};
    if (i && s.size == before.size && std::equal(s.data, s.data + s.size, before.data)) continue;
    text.clear();
    append_replaced(&text, s.data, s.size, step.from.data(), step.from.size(), nullptr, 0);
    if (step.a) {
      clean_up(&text);
      tidy.clear();
      if (!step.to.empty()) {
        append_replaced(&tidy, text.data(), text.size(), step.to.data(), step.to.size(), &space, 1);
        text.swap(tidy);
      }
    }
    if (!text.empty()) push(&next_, text.data(), text.size());
  }
}

void Decoder::byte_level(Buffer* out) const {
  for (size_t i = 0; i < tokens_.ends.size(); i++) {
    const Bytes s = token(i);
    const size_t at = out->size();
    out->resize(at + s.size);
    const ptrdiff_t n = byte_level_to_raw(s.data, s.size, out->data() + at);
    out->resize(at + (n < 0 ? s.size : static_cast<size_t>(n)));
    if (n < 0 && s.size) std::memcpy(out->data() + at, s.data, s.size);
  }
}

void Decoder::byte_fallback() {
  Buffer run, text;
  for (size_t i = 0; i < tokens_.ends.size(); i++) {
    const int byte = named_byte(token(i));
    if (byte >= 0) {
      run.push_back(static_cast<uint8_t>(byte));
      continue;
    }
    text.clear();
    flush_bytes(&run, &text);
    if (!text.empty()) push(&next_, text.data(), text.size());
    push(&next_, token(i).data, token(i).size);
  }
  text.clear();
  flush_bytes(&run, &text);
  if (!text.empty()) push(&next_, text.data(), text.size());
}

}  // namespace wembed::text
