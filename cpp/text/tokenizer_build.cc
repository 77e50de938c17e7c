#include <algorithm>
#include <cstring>
#include <utility>

#include "text/extent.h"
#include "text/tokenizer.h"

// A tokenizer from its spec.

namespace wembed::text {
namespace {

constexpr uint32_t kMagic = 0x314B5457;  // "WTK1"

}  // namespace

Status Tokenizer::build(const uint8_t* spec, size_t size) {
  Reader in(spec, size);
  if (in.u32() != kMagic) return {Code::unsupported, "not a tokenizer spec of this version"};
  const uint32_t flags = in.u32();
  byte_level_ = flags & 1;
  raw_ = flags & 8;
  if (flags & 2) out_.trims(flags & 4, kEveryTokenizer && (flags & 16));
  Status status = normalizer_.build(&in);
  if (status.ok()) status = pre_tokenizer_.build(&in);
  if (status.ok()) status = read_vocab(&in);
  if (status.ok()) status = read_model(&in);
  if (status.ok()) status = added_.build(&in, normalizer_.steps());
  needs_sources_ = pre_tokenizer_.marks_first(added_.any(true));
  vocab_size_ = std::max(vocab_.size(), added_.ids_end());
  if (status.ok()) status = read_template(&in);
  if (status.ok()) status = decoder_.build(&in);
  if (!status.ok()) return status;
  if (!in.ok() || !in.at_end()) return {Code::bad_file, "a tokenizer spec of the wrong length", double(size)};
  choose_fast_path();
  return {};
}

Status Tokenizer::read_vocab(Reader* in) {
  const uint32_t n = in->u32(), has_ids = in->u32();
  const uint32_t* offsets = in->words(size_t{n} + 1);
  const uint32_t* ids = has_ids ? in->words(n) : nullptr;
  const Bytes bytes = in->bytes();
  if (!in->ok() || n == 0 || offsets[n] != bytes.size)
    return {Code::bad_file, "a tokenizer spec whose vocabulary is cut short", double(n)};
  Array<uint32_t> own_ids;
  if (ids) own_ids.assign(ids, n);
  if (!byte_level_ || raw_) {
    Array<uint8_t> pieces;
    Array<uint32_t> places;
    pieces.assign(bytes.data, bytes.size);
    places.assign(offsets, size_t{n} + 1);
    return vocab_.take(std::move(pieces), std::move(places), std::move(own_ids));
  }
  if constexpr (kEveryTokenizer) return read_byte_level_vocab(bytes, offsets, n, std::move(own_ids));
  return {Code::unsupported, "byte-level vocabularies are in the text module"};
}

Status Tokenizer::read_byte_level_vocab(Bytes bytes, const uint32_t* offsets, uint32_t n, Array<uint32_t>&& ids) {
  Array<uint8_t> raw;
  Array<uint32_t> raw_offsets;
  raw_offsets.extend(size_t{n} + 1)[0] = 0;
  uint8_t *const begin = raw.extend(bytes.size + n), *at = begin;
  for (uint32_t i = 0; i < n; i++) {
    if (offsets[i + 1] < offsets[i] || offsets[i + 1] > bytes.size)
      return {Code::bad_file, "vocabulary offsets decrease", double(offsets[i + 1]), double(offsets[i]), double(i)};
    const uint8_t* s = bytes.data + offsets[i];
    const size_t length = offsets[i + 1] - offsets[i];
    const ptrdiff_t got = byte_level_to_raw(s, length, at);
    if (got < 0) {
      *at++ = 0xFF;
      std::copy(s, s + length, at);
    }
    at += got < 0 ? static_cast<ptrdiff_t>(length) : got;
    raw_offsets[i + 1] = static_cast<uint32_t>(at - begin);
  }
  raw.resize(static_cast<size_t>(at - begin));
  raw.shrink_to_fit();
  return vocab_.take(std::move(raw), std::move(raw_offsets), std::move(ids));
}

Status Tokenizer::read_model(Reader* in) {
  const uint32_t kind = in->u32();
  unk_id_ = in->u32();
  if (kind > static_cast<uint32_t>(Model::word_level))
    return {Code::bad_file, "unknown model in a spec", double(kind), 3};
  model_ = static_cast<Model>(kind);
  if (model_ == Model::bpe) return read_bpe(in);
  if (model_ == Model::unigram) return read_unigram(in);
  if (model_ == Model::word_level) return {};
  const Bytes prefix = in->bytes();
  return word_piece_.build(vocab_, unk_id_, prefix, in->u32());
}

Status Tokenizer::read_bpe(Reader* in) {
  const uint32_t flags = in->u32();
  BpeOptions options;
  options.byte_level = byte_level_;
  options.byte_fallback = flags & 1;
  options.fuse_unk = flags & 2;
  options.ignore_merges = flags & 4;
  options.ranks = flags & 8;
  options.unk_id = unk_id_;
  options.continuing_subword_prefix = in->bytes();
  options.end_of_word_suffix = in->bytes();
  const uint32_t n = in->u32();
  const uint32_t* words = in->words(size_t{n} * 3);
  if (!in->ok()) return {Code::bad_file, "a tokenizer spec whose merges are cut short", double(n)};
  static_assert(sizeof(Merge) == 12, "a merge is three words");
  if constexpr (kEveryTokenizer) return bpe_.build(vocab_, reinterpret_cast<const Merge*>(words), n, options);
  return {Code::unsupported, "BPE is in the text module"};
}

Status Tokenizer::read_unigram(Reader* in) {
  const uint32_t flags = in->u32(), n = in->u32();
  const bool own = flags & 2;  // by SentencePiece's own rules: the unknown token's score comes last
  const uint32_t* words = in->words(size_t{n} * 2 + own * 2);
  if (!in->ok()) return {Code::bad_file, "a tokenizer spec whose scores are cut short", double(n)};
  Array<double> scores(size_t{n} + own);
  if (!scores.empty()) std::memcpy(scores.data(), words, scores.size() * 8);
  return unigram_.build(vocab_, scores.data(), n, unk_id_, flags & 1, own ? &scores[n] : nullptr);
}

Status Tokenizer::read_template(Reader* in) {
  for (Array<uint32_t>* side : {&before_, &after_}) {
    const uint32_t n = in->u32();
    const uint32_t* ids = in->words(n);
    if (!in->ok()) return {Code::bad_file, "a tokenizer spec whose template is cut short", double(n)};
    for (uint32_t i = 0; i < n; i++)
      if (ids[i] >= vocab_size_)
        return {Code::id_out_of_range, "the template names an id no token has", double(ids[i]), double(vocab_size_)};
    side->assign(ids, n);
  }
  return {};
}

void Tokenizer::choose_fast_path() {
  uint32_t flags;
  const Normalizer& normalizer = *normalizer_.steps();
  encodes_parts_ = normalizer.keeps_spaces() && pre_tokenizer_.splits_at_spaces() && !added_.any(true);
  direct_nfc_ = normalizer.only_nfc();
  direct_ = model_ == Model::bpe && byte_level_ && pre_tokenizer_.only_pattern(&pattern_) &&
            (normalizer.empty() || direct_nfc_) && !added_.any(true);
  bert_ = model_ == Model::word_piece && normalizer.only_bert(&flags) && pre_tokenizer_.only_bert() &&
          !added_.any(true) && word_piece_.build_bert(flags);
}

}  // namespace wembed::text
