#include "text/tokenizer.h"

#include <algorithm>
#include <cstring>

#include "text/bpe_text.h"
#include "text/extent.h"

namespace wembed::text {
namespace {

/// The length in bytes of the first n code points.
size_t cut(const uint8_t* s, size_t size, uint32_t n) {
  if (size <= n) return size;
  size_t at = 0;
  for (uint32_t i = 0; i < n && at < size; i++) at += utf8_length(s[at]);
  return std::min(at, size);
}

/// White space to every setting of BertNormalizer; clean_text drops U+000B and U+000C.
bool is_plain_space(uint8_t b) { return b == ' ' || b == '\t' || b == '\n' || b == '\r'; }

/// Appends the characters GPT-2 writes raw bytes with: printable Latin-1 as itself, the others from U+0100 on.
[[maybe_unused]] void append_byte_level(Bytes raw, Array<uint8_t>* out) {
  for (size_t i = 0; i < raw.size; i++) {
    uint8_t encoded[4];
    const uint32_t n = encode_utf8(character_of_byte(raw.data[i]), encoded);
    out->append(encoded, n);
  }
}

Span span_of(const Text& text, size_t begin, size_t end) {
  return {source_begin(text.source[begin]), source_end(text.source[end - 1])};
}

}  // namespace

Status Tokenizer::encode(const uint8_t* utf8, size_t size, const EncodeOptions& options, Array<uint32_t>* ids,
                         Array<Span>* offsets, IdSink* sink) {
  text_.tracked = segment_.tracked = offsets != nullptr || needs_sources_;
  normalizer_.begin();
  size = cut(utf8, size, options.max_code_points);
  out_.begin(options, options.add_special_tokens ? before_.size() + after_.size() : 0, unk_id_, ids, offsets, sink);

  AddedTokens::Found found;
  size_t from = 0, kept = 0;
  while (!out_.full() && added_.find(false, utf8, size, &from, kept, &found)) {
    if (kept < found.begin) encode_segment(utf8 + kept, found.begin - kept, kept == 0);
    Span span;
    normalizer_.pass(utf8, std::max(kept, found.begin), found.begin, found.end, &span.begin, &span.end);
    if (found.begin < found.end) out_.add_found(found.id, span, {utf8 + found.begin, found.end - found.begin});
    kept = found.end;
  }
  if (!out_.full()) encode_segment(utf8 + kept, size - kept, kept == 0);
  const Status status = out_.end(size);
  if (!status.ok()) return status;
  out_.trim(vocab_);
  if (options.add_special_tokens) out_.surround(before_, after_, options.max_ids);
  return {};
}

Status Tokenizer::encode_batch(const uint8_t* utf8, const uint32_t* text_ends, uint32_t n, const EncodeOptions& options,
                               Array<uint32_t>* ids, Array<uint32_t>* ends) {
  for (uint32_t t = 1; t < n; t++) {
    if (text_ends[t] < text_ends[t - 1])
      return {Code::shape_mismatch, "ends decrease", double(text_ends[t]), double(text_ends[t - 1]), double(t)};
  }
  ids->clear();
  ends->clear();
  for (uint32_t t = 0, begin = 0; t < n; begin = text_ends[t++]) {
    Status status = encode(utf8 + begin, text_ends[t] - begin, options, &one_text_);
    if (!status.ok()) {
      ids->clear();
      ends->clear();
      status.index = double(t);
      return status;
    }
    ids->append(one_text_);
    ends->push_back(static_cast<uint32_t>(ids->size()));
  }
  return {};
}

void Tokenizer::encode_segment(const uint8_t* text, size_t size, bool at_start) {
  if (size == 0) return;
  if (bert_ && !out_.spans()) return encode_bert(text, size);
  if (direct_ && !out_.spans() && (!direct_nfc_ || is_surely_nfc(text, size))) return encode_direct(text, size);
  encode_any(text, size, at_start);
}

void Tokenizer::encode_direct(const uint8_t* text, size_t size) {
  if constexpr (kEveryTokenizer) {
    for (size_t at = 0; at < size && !out_.full(); out_.pass_on()) {
      const size_t most = out_.enough(Encoding::kOffered);
      at += kBpeText(bpe_, pattern_, text + at, size - at, most, out_.ids());
    }
  }
}

// ASCII in one pass; a word that holds more goes the long way, up to the next space: nothing the normalizer does
// reaches across one.
void Tokenizer::encode_bert(const uint8_t* text, size_t size) {
  const uint8_t* const end = text + size;
  while (text < end) {
    const size_t most = out_.enough(Encoding::kOffered);
    text = word_piece_.encode_ascii(text, static_cast<size_t>(end - text), most, out_.ids());
    out_.pass_on();
    if (text == end || out_.full()) return;
    const uint8_t* stop = std::find_if(text, end, is_plain_space);
    encode_any(text, static_cast<size_t>(stop - text), false);
    text = stop;
  }
}

void Tokenizer::encode_any(const uint8_t* text, size_t size, bool at_start) {
  if (!encodes_parts_) return encode_part(text, size, at_start);
  for (size_t begin = 0, end; begin < size && !out_.full(); begin = end) {
    end = normalizer_.part_end(text, begin, size);
    encode_part(text + begin, end - begin, at_start && begin == 0);
  }
}

void Tokenizer::encode_part(const uint8_t* text, size_t size, bool at_start) {
  if (!added_.any(true)) {
    normalize(text, size, &segment_);
    return encode_pieces(&segment_, at_start && !normalizer_.starts_late());
  }
  normalize(text, size, &text_);
  at_start = at_start && !normalizer_.starts_late();
  const auto take = [&](size_t begin, size_t end) {
    segment_.bytes.assign(text_.bytes.data() + begin, end - begin);
    if (text_.tracked) segment_.source.assign(text_.source.data() + begin, end - begin);
    encode_pieces(&segment_, at_start && begin == 0);
  };
  AddedTokens::Found found;
  size_t from = 0, kept = 0;
  while (added_.find(true, text_.bytes.data(), text_.bytes.size(), &from, kept, &found)) {
    if (kept < found.begin) take(kept, found.begin);
    if (found.begin < found.end) {
      const Bytes taken{text_.bytes.data() + found.begin, found.end - found.begin};
      out_.add_found(found.id, text_.tracked ? span_of(text_, found.begin, found.end) : Span{0, 0}, taken);
    }
    kept = found.end;
  }
  take(kept, text_.bytes.size());
}

void Tokenizer::normalize(const uint8_t* text, size_t size, Text* out) {
  if (!normalizer_.apply(text, size, out))
    out_.give_up("its normalizer takes too many steps, or makes this text far longer");
}

void Tokenizer::encode_pieces(Text* text, bool at_start) {
  if (text->bytes.empty()) return;
  if (!pre_tokenizer_.apply(at_start, text)) return out_.give_up("a pattern takes too many steps on this text");
  for (const Text::Piece& piece : text->pieces) {
    if (out_.full()) return;
    const uint8_t* s = text->bytes.data() + piece.begin;
    const size_t size = piece.end - piece.begin;
    const auto sink = [&](uint32_t id, uint32_t begin, uint32_t end) {
      out_.add(id, text->tracked ? span_of(*text, piece.begin + begin, piece.begin + end) : Span{0, 0});
      out_.pass_on();
    };
    if (model_ == Model::word_piece) {
      word_piece_.encode(s, size, sink);
    } else if (model_ == Model::unigram) {
      unigram_.encode(s, size, sink);
      if (unigram_.failed()) return out_.give_up("a character that the vocabulary lacks, which names no unknown token");
    } else if (model_ == Model::word_level) {
      uint32_t id = vocab_.find(s, size);
      if (id == Vocab::kNone) id = unk_id_;
      if (id == Vocab::kNone) return out_.give_up("a word that the vocabulary lacks, which names no unknown token");
      sink(id, 0, static_cast<uint32_t>(size));
    } else if constexpr (kEveryTokenizer) {
      if (text->tracked) {
        bpe_.encode(s, size, sink);
      } else {
        bpe_.add_ids(s, size, out_.ids());
        out_.pass_on();
      }
    }
  }
}

void Tokenizer::decode(const uint32_t* ids, size_t n, bool skip_special, Array<uint8_t>* utf8) {
  utf8->clear();
  decoder_.begin();
  for (size_t i = 0; i < n; i++) {
    if (skip_special && added_.is_left_out(ids[i])) continue;
    const Bytes spelling = token(ids[i]);
    if (spelling.data) decoder_.add(spelling);
  }
  decoder_.finish(utf8);
}

Bytes Tokenizer::token(uint32_t id) {
  const Bytes content = added_.content(id);
  if (content.data) return content;
  const Bytes piece = vocab_.piece(id);
  if (!kEveryTokenizer || !byte_level_ || !piece.data) return piece;
  if (piece.size && piece.data[0] == 0xFF) return {piece.data + 1, piece.size - 1};
  spelled_.clear();
  append_byte_level(piece, &spelled_);
  return {spelled_.data(), spelled_.size()};
}

}  // namespace wembed::text
