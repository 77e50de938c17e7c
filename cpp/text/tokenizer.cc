#include "text/tokenizer.h"

#include <algorithm>
#include <cstring>

#include "text/bpe_text.h"
#include "text/extent.h"

namespace wembed::text {
namespace {

constexpr size_t kOffered = 4096;

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

bool is_solid(uint32_t cp) { return is_letter(cp) || is_number(cp); }

bool is_between_solid(const uint8_t* text, size_t space, size_t size) {
  if (space == 0 || space + 1 == size) return false;
  size_t begin;
  uint32_t length;
  return is_solid(code_point_before(text, space, &begin)) &&
         is_solid(decode_utf8(text + space + 1, text + size, &length));
}

}  // namespace

Status Tokenizer::encode(const uint8_t* utf8, size_t size, const EncodeOptions& options, Array<uint32_t>* ids,
                         Array<Span>* offsets, IdSink* sink) {
  gave_up_ = nullptr;
  ids_ = ids;
  sink_ = sink;
  drop_unknown_ = options.drop_unknown;
  offsets_ = offsets;
  ids->clear();
  if (offsets) offsets->clear();
  text_.tracked = segment_.tracked = offsets != nullptr;
  position_ = 0;
  size = cut(utf8, size, options.max_code_points);
  const size_t around = options.add_special_tokens ? before_.size() + after_.size() : 0;
  wanted_ = options.max_ids > around ? options.max_ids - around : 0;
  most_ = options.drop_unknown || options.keep_last ? SIZE_MAX : wanted_;

  AddedTokens::Found found;
  size_t from = 0, kept = 0;
  while (ids->size() < most_ && added_.find(false, utf8, size, &from, kept, &found)) {
    encode_segment(utf8 + kept, found.begin - kept, kept == 0);
    const uint32_t begin = position_;
    for (size_t i = found.begin; i < found.end; i++) position_ += utf8[i] >= 0xF0 ? 2 : (utf8[i] & 0xC0) != 0x80;
    ids->push_back(found.id);
    if (offsets) offsets->push_back({begin, position_});
    kept = found.end;
    from = std::max(from, kept);
  }
  if (ids->size() < most_) encode_segment(utf8 + kept, size - kept, kept == 0);
  if (gave_up_) {
    ids->clear();
    if (offsets) offsets->clear();
    return {Code::unsupported, gave_up_, double(size)};
  }
  finish(options);
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
  if (bert_ && !offsets_) return encode_bert(text, size);
  if (direct_ && !offsets_ && (!direct_nfc_ || is_surely_nfc(text, size))) return encode_direct(text, size);
  encode_any(text, size, at_start);
}

void Tokenizer::encode_direct(const uint8_t* text, size_t size) {
  if constexpr (kEveryTokenizer) {
    for (size_t at = 0; at < size && ids_->size() < most_;) {
      const size_t most = sink_ ? std::min(most_, ids_->size() + kOffered) : most_;
      at += kBpeText(bpe_, pattern_, text + at, size - at, most, ids_);
      if (sink_ && ids_->size() >= kOffered) offer();
    }
  }
}

// ASCII in one pass; a word that holds more goes the long way, up to the next space: nothing the normalizer does
// reaches across one.
void Tokenizer::encode_bert(const uint8_t* text, size_t size) {
  const uint8_t* const end = text + size;
  while (text < end) {
    const size_t most = sink_ ? std::min(most_, kOffered) : most_;
    text = word_piece_.encode_ascii(text, static_cast<size_t>(end - text), most, ids_);
    if (sink_ && ids_->size() >= kOffered) offer();
    if (text == end || ids_->size() >= most_) return;
    const uint8_t* stop = std::find_if(text, end, is_plain_space);
    encode_any(text, static_cast<size_t>(stop - text), false);
    text = stop;
  }
}

void Tokenizer::encode_any(const uint8_t* text, size_t size, bool at_start) {
  if (!encodes_parts_) return encode_part(text, size, at_start);
  for (size_t begin = 0, end; begin < size && ids_->size() < most_; begin = end) {
    end = part_end(text, begin, size);
    encode_part(text + begin, end - begin, at_start && begin == 0);
  }
}

// Before the first space between two letters or digits that comes late enough.
size_t Tokenizer::part_end(const uint8_t* text, size_t begin, size_t size) const {
  for (size_t i = begin; size - i > part_;) {
    const void* space = std::memchr(text + i + part_, ' ', size - i - part_);
    if (!space) break;
    const size_t at = static_cast<size_t>(static_cast<const uint8_t*>(space) - text);
    if (is_between_solid(text, at, size)) return at;
    i = at + 1 - part_;
  }
  return size;
}

void Tokenizer::encode_part(const uint8_t* text, size_t size, bool at_start) {
  if (!added_.any(true)) {
    normalize_into(text, size, &segment_);
    return encode_pieces(&segment_, at_start);
  }
  normalize_into(text, size, &text_);
  const auto take = [&](size_t begin, size_t end) {
    segment_.bytes.assign(text_.bytes.data() + begin, end - begin);
    if (offsets_) segment_.source.assign(text_.source.data() + begin, end - begin);
    encode_pieces(&segment_, at_start && begin == 0);
  };
  AddedTokens::Found found;
  size_t from = 0, kept = 0;
  while (added_.find(true, text_.bytes.data(), text_.bytes.size(), &from, kept, &found)) {
    take(kept, found.begin);
    ids_->push_back(found.id);
    if (offsets_)
      offsets_->push_back({source_begin(text_.source[found.begin]), source_end(text_.source[found.end - 1])});
    kept = found.end;
    from = std::max(from, kept);
  }
  take(kept, text_.bytes.size());
}

void Tokenizer::normalize_into(const uint8_t* text, size_t size, Text* out) {
  if (normalizer_.empty() && !offsets_) {
    out->bytes.assign(text, size);
    return;
  }
  out->bytes.clear();
  out->source.clear();
  for (size_t begin = 0, end; begin < size; begin = end) {
    end = normalizes_parts_ ? part_end(text, begin, size) : size;
    normalize_part(text + begin, end - begin, begin == 0, end == size, out);
  }
}

void Tokenizer::normalize_part(const uint8_t* text, size_t size, bool at_start, bool at_end, Text* out) {
  code_points_.clear();
  uint32_t length;
  for (size_t i = 0; i < size; i += length) {
    const uint32_t cp = decode_utf8(text + i, text + size, &length);
    const uint32_t wide = cp >= 0x10000;
    code_points_.push_back({cp, position_ << 1 | wide});
    position_ += 1 + wide;
  }
  if (!normalizer_.apply(at_start, at_end, &code_points_)) give_up("a pattern takes too many steps on this text");
  size_t end = out->bytes.size();
  out->bytes.extend(code_points_.size() * 4);
  for (const CodePoint& c : code_points_) {
    const uint32_t n = encode_utf8(c.cp, out->bytes.data() + end);
    if (offsets_) out->source.append(n, c.source);
    end += n;
  }
  out->bytes.resize(end);
}

void Tokenizer::give_up(const char* why) {
  gave_up_ = why;
  most_ = 0;
}

void Tokenizer::encode_pieces(Text* text, bool at_start) {
  if (text->bytes.empty()) return;
  if (!pre_tokenizer_.apply(at_start, text)) return give_up("a pattern takes too many steps on this text");
  for (const Text::Piece& piece : text->pieces) {
    if (ids_->size() >= most_) return;
    const uint8_t* s = text->bytes.data() + piece.begin;
    const size_t size = piece.end - piece.begin;
    const auto sink = [&](uint32_t id, uint32_t begin, uint32_t end) {
      add(*text, id, piece.begin + begin, piece.begin + end);
    };
    if (model_ == Model::word_piece) {
      word_piece_.encode(s, size, sink);
    } else if (model_ == Model::unigram) {
      unigram_.encode(s, size, sink);
      if (unigram_.failed()) return give_up("a character that the vocabulary lacks, which names no unknown token");
    } else if (model_ == Model::word_level) {
      uint32_t id = vocab_.find(s, size);
      if (id == Vocab::kNone) id = unk_id_;
      if (id == Vocab::kNone) return give_up("a word that the vocabulary lacks, which names no unknown token");
      sink(id, 0, static_cast<uint32_t>(size));
    } else if constexpr (kEveryTokenizer) {
      if (offsets_) {
        bpe_.encode(s, size, sink);
      } else {
        bpe_.add_ids(s, size, ids_);
        if (sink_ && ids_->size() >= kOffered) offer();
      }
    }
  }
}

void Tokenizer::add(const Text& text, uint32_t id, size_t begin, size_t end) {
  ids_->push_back(id);
  if (sink_ && ids_->size() >= kOffered) offer();
  if (offsets_) offsets_->push_back({source_begin(text.source[begin]), source_end(text.source[end - 1])});
}

/// The same where the vocabulary spells a space as ByteLevel does, Ġ.
[[maybe_unused]] void trim_spelled(Bytes piece, uint32_t* leading, uint32_t* trailing) {
  const auto space_at = [&](size_t i) { return piece.data[i] == 0xC4 && piece.data[i + 1] == 0xA0; };
  while (2 * (*leading + 1) <= piece.size && space_at(2 * *leading)) ++*leading;
  while (2 * (*trailing + 1) <= piece.size && space_at(piece.size - 2 * (*trailing + 1))) ++*trailing;
}

// White space at a token's ends leaves its span, but for the one space that was put before the text.
void Tokenizer::trim(uint32_t id, bool first, Span* span) {
  Bytes piece = added_.content(id);
  if (!piece.data) piece = vocab_.piece(id);
  uint32_t leading = 0, trailing = 0;
  if (kEveryTokenizer && spelled_bytes_) {
    trim_spelled(piece, &leading, &trailing);
  } else {
    while (leading < piece.size && piece.data[leading] == ' ') leading++;
    while (trailing < piece.size && piece.data[piece.size - 1 - trailing] == ' ') trailing++;
  }
  if (leading == 1 && prefix_space_ && (first || span->begin == 0)) leading = 0;
  // The space put before the text has the first character's place, which may be two units wide.
  if (piece.size == (spelled_bytes_ ? 2 : 1) && trailing) trailing = span->end - span->begin;
  span->begin = std::min(span->begin + leading, span->end);
  if (span->end >= trailing) span->end = std::max(span->end - trailing, span->begin);
}

void Tokenizer::offer() {
  keep_known();
  const size_t n = std::min(ids_->size(), wanted_), taken = sink_->take(ids_->data(), n);
  std::copy(ids_->begin() + taken, ids_->end(), ids_->begin());
  ids_->resize(ids_->size() - taken);
  wanted_ -= taken;
  if (ids_->size() >= wanted_) most_ = 0;
}

void Tokenizer::keep_known() {
  if (!drop_unknown_) return;
  Array<uint32_t>& ids = *ids_;
  size_t kept = 0;
  for (size_t i = 0; i < ids.size(); i++) {
    if (ids[i] == unk_id_) continue;
    ids[kept] = ids[i];
    if (offsets_) (*offsets_)[kept] = (*offsets_)[i];
    kept++;
  }
  ids.resize(kept);
}

void Tokenizer::finish(const EncodeOptions& options) {
  Array<uint32_t>& ids = *ids_;
  keep_known();
  if (ids.size() > wanted_) {
    const size_t gone = options.keep_last ? ids.size() - wanted_ : 0;
    std::copy(ids.begin() + gone, ids.end(), ids.begin());
    if (offsets_) std::copy(offsets_->begin() + gone, offsets_->end(), offsets_->begin());
    ids.resize(wanted_);
  }
  if (offsets_) {
    offsets_->resize(ids.size());
    if (trim_spaces_)
      for (size_t i = 0; i < ids.size(); i++) trim(ids[i], i == 0, &(*offsets_)[i]);
  }
  if (!options.add_special_tokens) return;
  std::copy(before_.begin(), before_.end(), ids.extend_front(before_.size()));
  ids.append(after_);
  if (ids.size() > options.max_ids) ids.resize(options.max_ids);
  if (!offsets_) return;
  std::fill_n(offsets_->extend_front(before_.size()), before_.size(), Span{0, 0});
  offsets_->resize(ids.size(), Span{0, 0});
}

void Tokenizer::decode(const uint32_t* ids, size_t n, bool skip_special, Array<uint8_t>* utf8) {
  utf8->clear();
  decoder_.begin();
  for (size_t i = 0; i < n; i++) {
    if (skip_special && added_.is_special(ids[i])) continue;
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
