#include "text/encoding.h"

#include <algorithm>

#include "text/unicode.h"

namespace wembed::text {
namespace {

/// In a span's begin: white space has left it. No text has as many UTF-16 units.
constexpr uint32_t kTrimmed = 1u << 31;

/// @param leads  a single space stays: it may be the one that was put before the text
void shorten(uint32_t leading, uint32_t trailing, bool leads, Span* span) {
  if (leading == 1 && leads) leading = 0;
  span->begin = std::min(span->begin + leading, span->end);
  if (span->end >= trailing) span->end = std::max(span->end - trailing, span->begin);
}

/// Takes a piece's white space out of its span.
void trim_spaces(Bytes piece, bool spelled, bool leads, Span* span) {
  const size_t width = spelled ? 2 : 1;
  const auto space_at = [&](size_t i) {
    return spelled ? piece.data[i] == 0xC4 && piece.data[i + 1] == 0xA0 : piece.data[i] == ' ';
  };
  uint32_t leading = 0, trailing = 0;
  while (width * (leading + 1) <= piece.size && space_at(width * leading)) ++leading;
  while (width * (trailing + 1) <= piece.size && space_at(piece.size - width * (trailing + 1))) ++trailing;
  // The space put before the text has the first character's place, which may be two units wide.
  if (piece.size == width && trailing) trailing = span->end - span->begin;
  shorten(leading, trailing, leads, span);
}

/// The same of an added token, as it stands in the text with the white space that it took.
void trim_white_space(Bytes text, bool leads, Span* span) {
  constexpr uint32_t kSpelledSpace = 0x120;  // Ġ
  const auto is_space = [](uint32_t c) { return c == kSpelledSpace || is_whitespace(c); };
  const uint8_t* const end = text.data + text.size;
  uint32_t leading = 0, trailing = 0, length;
  size_t before;
  for (size_t i = 0; i < text.size && is_space(decode_utf8(text.data + i, end, &length)); i += length) ++leading;
  for (size_t i = text.size; i > 0 && is_space(code_point_before(text.data, i, &before)); i = before) ++trailing;
  shorten(leading, trailing, leads, span);
}

}  // namespace

void Encoding::trims(bool prefix_space, bool spelled) {
  trims_ = true;
  prefix_space_ = prefix_space;
  spelled_ = spelled;
}

void Encoding::add_found(uint32_t id, Span span, Bytes text) {
  if (trims_ && spans_) {
    trim_white_space(text, prefix_space_ && (ids_->empty() || span.begin == 0), &span);
    span.begin |= kTrimmed;
  }
  add(id, span);
}

void Encoding::trim(const Vocab& vocab) {
  for (size_t i = 0; trims_ && spans_ && i < ids_->size(); i++) {
    Span* span = &(*spans_)[i];
    const bool is_trimmed = span->begin & kTrimmed;
    span->begin &= ~kTrimmed;
    if (!is_trimmed)
      trim_spaces(vocab.piece((*ids_)[i]), spelled_, prefix_space_ && (i == 0 || span->begin == 0), span);
  }
}

void Encoding::begin(const EncodeOptions& options, size_t around, uint32_t unk_id, Array<uint32_t>* ids,
                     Array<Span>* spans, IdSink* sink) {
  ids_ = ids;
  spans_ = spans;
  sink_ = sink;
  drop_unknown_ = options.drop_unknown;
  keep_last_ = options.keep_last;
  unk_id_ = unk_id;
  gave_up_ = nullptr;
  ids->clear();
  if (spans) spans->clear();
  wanted_ = options.max_ids > around ? options.max_ids - around : 0;
  held_ = 0;
  most_ = keep_last_ ? SIZE_MAX : wanted_;
}

void Encoding::offer() {
  settle();
  const size_t taken = sink_->take(ids_->data(), held_);
  std::copy(ids_->begin() + taken, ids_->end(), ids_->begin());
  held_ -= taken;
  ids_->resize(held_);
  most_ = held_ + wanted_;
}

/// Of the ids that have come since, leaves those that count, without unknown ones where these go.
void Encoding::settle() {
  Array<uint32_t>& ids = *ids_;
  const size_t came = ids.size() - held_, counted = std::min(came, wanted_);
  const size_t from = keep_last_ ? ids.size() - counted : held_;
  wanted_ -= counted;
  if (!drop_unknown_ && from == held_) {  // they are where they belong
    held_ += counted;
  } else {
    for (size_t i = from; i < from + counted; i++) {
      if (drop_unknown_ && ids[i] == unk_id_) continue;
      ids[held_] = ids[i];
      if (spans_) (*spans_)[held_] = (*spans_)[i];
      held_++;
    }
  }
  ids.resize(held_);
  if (spans_) spans_->resize(held_);
}

Status Encoding::end(size_t text_size) {
  if (gave_up_) {
    ids_->clear();
    if (spans_) spans_->clear();
    return {Code::unsupported, gave_up_, double(text_size)};
  }
  settle();
  return {};
}

void Encoding::surround(const Array<uint32_t>& before, const Array<uint32_t>& after, size_t most) {
  std::copy(before.begin(), before.end(), ids_->extend_front(before.size()));
  ids_->append(after);
  if (ids_->size() > most) ids_->resize(most);
  if (!spans_) return;
  std::fill_n(spans_->extend_front(before.size()), before.size(), Span{0, 0});
  spans_->resize(ids_->size(), Span{0, 0});
}

}  // namespace wembed::text
