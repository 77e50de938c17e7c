#include "text/bpe.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "text/unicode.h"

namespace wembed::text {
namespace {

constexpr uint32_t kNone = Vocab::kNone;
/// Up to here one scan over all pairs a merge is cheaper than a heap (measured: equal at about 40 symbols).
constexpr size_t kShort = 32;
constexpr uint32_t kMemoSlots = 4096;

/// GPT-2 shows printable Latin-1 as itself and the other bytes, in order, as U+0100 and up. Returns the byte, or -1.
int byte_of_character(uint32_t cp) {
  if ((cp >= 0x21 && cp <= 0x7E) || (cp >= 0xA1 && cp <= 0xAC) || (cp >= 0xAE && cp <= 0xFF)) return int(cp);
  if (cp < 0x100 || cp > 0x143) return -1;
  const int k = int(cp) - 0x100;
  return k <= 0x20 ? k : k <= 0x42 ? k - 0x21 + 0x7F : 0xAD;
}

/// No merge: worse than all ranks.
constexpr uint64_t kNoPair = ~uint64_t{0};

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

bool is_byte_token(Bytes piece) { return piece.size == 6 && std::memcmp(piece.data, "<0x", 3) == 0; }

bool joins(Bytes whole, Bytes left, Bytes right, size_t prefix) {
  return whole.size == left.size + right.size - prefix && std::memcmp(whole.data, left.data, left.size) == 0 &&
         std::memcmp(whole.data + left.size, right.data + prefix, right.size - prefix) == 0;
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
  seed_ = hash_seed();
  if (options.ranks) return build_ranks();
  const Status status = add_merges(merges, n);
  if (status.ok()) allow_cuts(merges, n);
  return status;
}

Status Bpe::build_ranks() {
  if (!options_.byte_level || !prefix_.empty() || !suffix_.empty())
    return {Code::unsupported, "ranks without merges that are not byte-level, or with a prefix or a suffix"};
  const uint32_t* missing = std::find(byte_id_, byte_id_ + 256, kNone);
  if (missing != byte_id_ + 256) return {Code::bad_file, "ranks that lack a byte", double(missing - byte_id_)};
  parts_ = true;
  return {};
}

/// A merge across a place in the text has a left piece that ends with the byte before it and a right piece that begins
/// with the byte after it. Where no merge has these two, a piece can be cut without changing a token: a text that is
/// one piece (Llama 2 has no pre-tokeniser) falls into words. That needs every symbol spelled as the text is, except
/// byte tokens that never merge; and nothing that looks at a piece as a whole or at its neighbours.
void Bpe::allow_cuts(const Merge* merges, uint32_t n) {
  joined_.clear();
  parts_ = false;
  if (!prefix_.empty() || !suffix_.empty()) return;
  const uint32_t* bytes = options_.byte_level ? byte_id_ : fallback_id_;
  if (std::find(bytes, bytes + 256, kNone) != bytes + 256) return;
  Array<uint8_t> joined(8192);
  for (uint32_t i = 0; i < n; ++i) {
    const Bytes left = vocab_->piece(merges[i].left), right = vocab_->piece(merges[i].right);
    if (!options_.byte_level && (is_byte_token(left) || is_byte_token(right))) return;
    const uint32_t pair = uint32_t{left.data[left.size - 1]} << 8 | right.data[0];
    joined[pair >> 3] |= uint8_t(1u << (pair & 7));
  }
  parts_ = options_.byte_level || options_.byte_fallback;
  if (parts_ && !options_.ignore_merges) joined_.swap(joined);
}

size_t Bpe::next_cut(const uint8_t* piece, size_t at, size_t size) const {
  if (size - at <= kKey || joined_.empty()) return size;
  for (size_t i = at + 1; i < size; ++i) {
    const uint32_t pair = uint32_t{piece[i - 1]} << 8 | piece[i];
    const bool inside = !options_.byte_level && (piece[i] & 0xC0) == 0x80;
    if (!inside && !(joined_[pair >> 3] >> (pair & 7) & 1)) return i;
  }
  return size;
}

Status Bpe::add_merges(const Merge* merges, uint32_t n) {
  uint32_t capacity = 16;
  while (capacity < n + n / 2) capacity *= 2;
  rows_.assign(capacity, Row{kNone, 0, 0, 0});
  row_mask_ = capacity - 1;
  for (uint32_t i = 0; i < n; ++i) {
    const Merge merge = merges[i];
    const Bytes left = vocab_->piece(merge.left), right = vocab_->piece(merge.right);
    const Bytes merged = vocab_->piece(merge.merged);
    if (!left.data || !right.data || !merged.data) {
      return {Code::id_out_of_range, "a merge names an id no piece has", double(merge.left), double(vocab_->size()),
              double(i)};
    }
    // Pieces that add nothing would let two different pairs at one place have one result, which the queue in
    // merge_long tells apart otherwise than the reference.
    if (left.size == 0 || right.size <= prefix_.size()) {
      return {Code::unsupported, "a merge with an empty piece", double(right.size), 0, double(i)};
    }
    if (!joins(merged, left, right, prefix_.size())) {
      // Of a token with characters that stand for no byte: it is never met (byte_level_to_raw).
      if (options_.byte_level && merged.data[0] == 0xFF) continue;
      return {Code::bad_file, "a merge whose result is not its left and right joined", double(merge.merged), 0,
              double(i)};
    }
    uint32_t at = uint32_t(seeded_hash(merge.left, merge.right, seed_)) & row_mask_;
    while (rows_[at].left != kNone && (rows_[at].left != merge.left || rows_[at].right != merge.right)) {
      at = (at + 1) & row_mask_;
    }
    rows_[at] = {merge.left, merge.right, i, merge.merged};
  }
  return {};
}

const Bpe::Row* Bpe::find_merge(uint32_t left, uint32_t right) const {
  for (uint32_t at = uint32_t(seeded_hash(left, right, seed_)) & row_mask_;; at = (at + 1) & row_mask_) {
    const Row& row = rows_[at];
    if (row.left == left && row.right == right) return &row;
    if (row.left == kNone) return nullptr;
  }
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

/// The rank and the result of a pair, or kNoPair. @param begin  of the pair in the piece
uint64_t Bpe::pair_at(const uint8_t* piece, uint32_t begin, Token left, Token right) const {
  if (options_.ranks) {
    const uint32_t id = vocab_->find(piece + begin, left.size + right.size);
    return id == kNone ? kNoPair : uint64_t{id} << 32 | id;
  }
  const Row* row = find_merge(left.id, right.id);
  return row ? uint64_t{row->rank} << 32 | row->merged : kNoPair;
}

void Bpe::merge_short(const uint8_t* piece) {
  uint64_t pairs[kShort];
  uint32_t begins[kShort];
  Token* t = tokens_.data();
  size_t n = tokens_.size();
  for (uint32_t i = 0, begin = 0; i < n; begin += t[i++].size) begins[i] = begin;
  const auto look = [&](size_t i) { pairs[i] = pair_at(piece, begins[i], t[i], t[i + 1]); };
  for (size_t i = 0; i + 1 < n; ++i) look(i);
  while (n > 1) {
    size_t best = 0;
    for (size_t i = 1; i + 1 < n; ++i) {
      if (pairs[i] >> 32 < pairs[best] >> 32) best = i;
    }
    if (pairs[best] == kNoPair) break;
    t[best] = {uint32_t(pairs[best]), t[best].size + t[best + 1].size};
    --n;
    for (size_t i = best + 1; i < n; ++i) {
      t[i] = t[i + 1];
      begins[i] = begins[i + 1];
    }
    for (size_t i = best + 1; i + 1 < n; ++i) pairs[i] = pairs[i + 1];
    if (best > 0) look(best - 1);
    if (best + 1 < n) look(best);
  }
  tokens_.resize(n);
}

void Bpe::push(const uint8_t* piece, uint32_t pos) {
  const Symbol& symbol = symbols_[pos];
  if (symbol.next == kNone) return;
  const Symbol& next = symbols_[symbol.next];
  const uint64_t pair = pair_at(piece, symbol.begin, {symbol.id, symbol.size}, {next.id, next.size});
  if (pair == kNoPair) return;
  heap_.push_back(pair >> 32 << 32 | pos);
  std::push_heap(heap_.begin(), heap_.end(), std::greater<uint64_t>());
}

void Bpe::merge_long(const uint8_t* piece) {
  const uint32_t n = uint32_t(tokens_.size());
  symbols_.resize(n);
  heap_.clear();
  for (uint32_t i = 0, begin = 0; i < n; begin += tokens_[i++].size)
    symbols_[i] = {tokens_[i].id, begin, tokens_[i].size, i - 1, i + 1 < n ? i + 1 : kNone};
  for (uint32_t i = 0; i + 1 < n; ++i) push(piece, i);
  while (!heap_.empty()) {
    const uint32_t rank = uint32_t(heap_.front() >> 32), pos = uint32_t(heap_.front());
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<uint64_t>());
    heap_.pop_back();
    Symbol& symbol = symbols_[pos];
    if (symbol.size == 0 || symbol.next == kNone) continue;
    Symbol& right = symbols_[symbol.next];
    // An entry whose pair has changed since is stale: the pair that stands there now has an entry of its own.
    const uint64_t pair = pair_at(piece, symbol.begin, {symbol.id, symbol.size}, {right.id, right.size});
    if (pair == kNoPair || pair >> 32 != rank) continue;
    symbol.id = uint32_t(pair);
    symbol.size += right.size;
    right.size = 0;
    symbol.next = right.next;
    if (right.next != kNone) symbols_[right.next].prev = pos;
    if (symbol.prev != kNone) push(piece, symbol.prev);
    push(piece, pos);
  }
  tokens_.clear();
  for (uint32_t i = 0; i != kNone && i < n; i = symbols_[i].next) tokens_.push_back({symbols_[i].id, symbols_[i].size});
}

/// Makes tokens_ those of a piece, whatever the vocabulary has for it as a whole.
void Bpe::merge(const uint8_t* piece, size_t size) {
  add_symbols(piece, size);
  if (tokens_.size() > kShort) {
    merge_long(piece);
  } else {
    merge_short(piece);
  }
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
    merge(piece, size);
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
