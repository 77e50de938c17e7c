#include "text/bpe.h"

#include <algorithm>
#include <cstring>

#include "text/unicode.h"

namespace wembed::text {
namespace {

constexpr uint32_t kNone = Vocab::kNone;
constexpr uint32_t kMemoSlots = 1u << (kPieceSetBits - 2);

/// GPT-2 shows printable Latin-1 as itself and the other bytes, in order, as U+0100 and up. Returns the byte, or -1.
int byte_of_character(uint32_t cp) {
  if ((cp >= 0x21 && cp <= 0x7E) || (cp >= 0xA1 && cp <= 0xAC) || (cp >= 0xAE && cp <= 0xFF)) return int(cp);
  if (cp < 0x100 || cp > 0x143) return -1;
  const int k = int(cp) - 0x100;
  return k <= 0x20 ? k : k <= 0x42 ? k - 0x21 + 0x7F : 0xAD;
}

/// Where a piece of at most 22 bytes is remembered.
uint32_t memo_slot(const uint8_t* s, size_t size) {
  uint64_t h = size;
  while (size >= 8) {
    uint64_t word;
    std::memcpy(&word, s, 8);
    h = (h ^ word) * 0x9E3779B97F4A7C15u;
    h ^= h >> 29;
    s += 8;
    size -= 8;
  }
  uint64_t word = 0;
  for (size_t i = 0; i < size; ++i) word = word << 8 | s[i];
  h = (h ^ word) * 0x9E3779B97F4A7C15u;
  return uint32_t(h >> 40) & (kMemoSlots - 1);
}

}  // namespace

ptrdiff_t byte_level_to_raw(const uint8_t* token, size_t size, uint8_t* out) {
  ptrdiff_t n = 0;
  uint32_t length;
  for (size_t i = 0; i < size; i += length) {
    const int byte = byte_of_character(decode_utf8(token + i, token + size, &length));
    if (byte < 0) return -1;
    out[n++] = uint8_t(byte);
  }
  return n;
}

Status Bpe::build(const Vocab& vocab, const Merge* merges, uint32_t n, const BpeOptions& options) {
  const Bytes prefix = options.continuing_subword_prefix, suffix = options.end_of_word_suffix;
  if (options.byte_fallback && (options.byte_level || prefix.size || suffix.size)) {
    return {Code::unsupported, "byte_fallback together with byte-level symbols, a prefix or a suffix"};
  }
  if (options.unk_id != kNone && !vocab.piece(options.unk_id).data) {
    return {Code::id_out_of_range, "no piece has the unk id", double(options.unk_id), double(vocab.size())};
  }
  const Status status = options.ranks ? Status{} : merger_.build(vocab, merges, n, prefix.size, options.byte_level);
  if (!status.ok()) return status;
  vocab_ = &vocab;
  options_ = options;
  prefix_.assign(prefix.data, prefix.size);
  suffix_.assign(suffix.data, suffix.size);
  static const char kHex[] = "0123456789ABCDEF";
  for (uint32_t b = 0; b < 256; ++b) {
    const uint8_t byte = uint8_t(b);
    byte_id_[b] = vocab.find(&byte, 1);
    const uint8_t name[6] = {'<', '0', 'x', uint8_t(kHex[b >> 4]), uint8_t(kHex[b & 15]), '>'};
    fallback_id_[b] = vocab.find(name, 6);
  }
  cuts_.clear();
  if (options.ranks) return build_ranks();
  // Every symbol has to be spelled as the text is.
  if (prefix.size == 0 && suffix.size == 0 && (options.byte_level || options.byte_fallback))
    cuts_.build(vocab, merges, n, options.byte_level, options.byte_level ? byte_id_ : fallback_id_,
                options.ignore_merges);
  return {};
}

Status Bpe::build_ranks() {
  if (!options_.byte_level || !prefix_.empty() || !suffix_.empty())
    return {Code::unsupported, "ranks without merges that are not byte-level, or with a prefix or a suffix"};
  const uint32_t* missing = std::find(byte_id_, byte_id_ + 256, kNone);
  if (missing != byte_id_ + 256) return {Code::bad_file, "ranks that lack a byte", double(missing - byte_id_)};
  cuts_.build(*vocab_);
  merger_.build_ranks(*vocab_);
  return {};
}

uint32_t Bpe::symbol_id(const uint8_t* s, size_t size, bool first, bool last) {
  const bool prefixed = !first && !prefix_.empty();
  const bool suffixed = last && !suffix_.empty();
  if (!prefixed && !suffixed) return size == 1 ? byte_id_[*s] : vocab_->find(s, size);
  spelled_.clear();
  if (prefixed) spelled_.append(prefix_);
  spelled_.append(s, size);
  if (suffixed) spelled_.append(suffix_);
  return vocab_->find(spelled_.data(), spelled_.size());
}

bool Bpe::add_byte_tokens(const uint8_t* s, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    if (fallback_id_[s[i]] == kNone) return false;
  }
  for (size_t i = 0; i < size; ++i) tokens_.push_back({fallback_id_[s[i]], 1});
  return true;
}

void Bpe::add_symbols(const uint8_t* piece, size_t size) {
  // The unknown symbol waits until a known one comes. Byte tokens do not count as one: they overtake it, as they do
  // in the reference (which shows only where some of the 256 byte tokens are missing).
  uint32_t unknown = 0;
  tokens_.clear();
  for (size_t i = 0; i < size;) {
    const size_t left = size - i;
    const size_t announced = options_.byte_level ? 1 : utf8_length(piece[i]);
    const uint32_t length = uint32_t(announced < left ? announced : left);
    const uint32_t id = symbol_id(piece + i, length, i == 0, length == left);
    if (id != kNone) {
      if (unknown) tokens_.push_back({options_.unk_id, unknown});
      unknown = 0;
      tokens_.push_back({id, length});
    } else if (options_.byte_fallback && add_byte_tokens(piece + i, length)) {
    } else if (options_.unk_id != kNone) {
      if (unknown && !options_.fuse_unk) {
        tokens_.push_back({options_.unk_id, unknown});
        unknown = 0;
      }
      unknown += length;
    }
    i += length;
  }
  if (unknown) tokens_.push_back({options_.unk_id, unknown});
}

Bpe::Run Bpe::encode_piece(const uint8_t* piece, size_t size) {
  Memo* memo = nullptr;
  if (size <= kKey) {
    if (memo_.empty()) memo_.assign(kMemoSlots, Memo{});
    memo = &memo_[memo_slot(piece, size)];
    if (memo->size == size && std::memcmp(memo->key, piece, size) == 0) return {memo->tokens, memo->n};
  }
  const uint32_t whole = options_.ignore_merges ? vocab_->find(piece, size) : kNone;
  if (whole != kNone) {
    tokens_.assign(1, {whole, uint32_t(size)});
  } else {
    add_symbols(piece, size);
    merger_.merge(piece, &tokens_);
  }
  if (memo && tokens_.size() <= kKept) {
    memo->size = uint8_t(size);
    memo->n = uint8_t(tokens_.size());
    std::memcpy(memo->key, piece, size);
    std::copy(tokens_.begin(), tokens_.end(), memo->tokens);
  }
  return {tokens_.data(), tokens_.size()};
}

}  // namespace wembed::text
