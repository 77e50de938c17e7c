#include <algorithm>
#include <cstring>

#include "text/bpe.h"
#include "text/unicode.h"

// Pieces → ids, remembered part by part.

namespace wembed::text {
namespace {

constexpr uint32_t kNone = Vocab::kNone;
/// Tells a part of a piece from a piece that is spelled the same.
constexpr uint64_t kPart = 0x5555555555555555u;

}  // namespace

/// Appends the ids that merging gives.
void Bpe::add_merged(const uint8_t* piece, size_t size, Array<uint32_t>* ids) {
  add_symbols(piece, size);
  merger_.merge(piece, &tokens_);
  uint32_t* added = ids->extend(tokens_.size());
  for (const Token& token : tokens_) *added++ = token.id;
}

/// The same for a part of a piece, remembered: one that is a token as a whole may still not become that.
void Bpe::add_part(const uint8_t* part, size_t size, Array<uint32_t>* ids) {
  const size_t begin = ids->size();
  if (size <= PieceCache::kLongest) {
    add_merged(part, size, ids);
    if (cache_.add(PieceCache::as_part(PieceCache::key_of(part, size)), ids->data() + begin, ids->size() - begin))
      return;
    ids->resize(begin);
  }
  const uint64_t hash = vocab_->hash(part, size) ^ kPart;
  const LongPieceCache::Found found = long_cache_.find(part, size, hash);
  if (found.ids) return ids->append(found.ids, found.n);
  add_merged(part, size, ids);
  long_cache_.add(part, size, hash, ids->data() + begin, ids->size() - begin);
}

void Bpe::add_parts(const uint8_t* piece, size_t size, size_t readable, Array<uint32_t>* ids) {
  constexpr size_t kRoom = 64;  // ids
  uint32_t* out = ids->extend(kRoom);
  for (size_t at = 0, end; at < size; at = end) {
    end = cuts_.next_part(piece, at, size);
    if (static_cast<size_t>(ids->end() - out) < PieceCache::kWritten) {
      ids->resize(static_cast<size_t>(out - ids->data()));
      out = ids->extend(kRoom);
    }
    const uint8_t* part = piece + at;
    const size_t length = end - at;
    uint32_t known = 0;
    if (length <= PieceCache::kLongest) {
      const PieceCache::Key key = PieceCache::as_part(readable - at >= 16 ? PieceCache::key_of_16(part, length)
                                                                          : PieceCache::key_of(part, length));
      known = cache_.take(key, out);
      if (!known) known = cache_.take_other(key, out);
    }
    out += known;
    if (known) continue;
    ids->resize(static_cast<size_t>(out - ids->data()));
    add_part(part, length, ids);
    out = ids->extend(kRoom);
  }
  ids->resize(static_cast<size_t>(out - ids->data()));
}

void Bpe::add_ids(const uint8_t* piece, size_t size, size_t readable, Array<uint32_t>* ids) {
  if (size == 0) return;
  PieceCache& short_pieces = cache();
  const bool is_short = size <= PieceCache::kLongest;
  PieceCache::Key key{};
  if (is_short) {
    key = readable >= 16 ? PieceCache::key_of_16(piece, size) : PieceCache::key_of(piece, size);
    uint32_t known[PieceCache::kWritten];
    if (const uint32_t n = short_pieces.take(key, known)) return ids->append(known, n);
    if (const uint32_t n = short_pieces.take_other(key, known)) return ids->append(known, n);
  }
  const uint64_t hash = vocab_->hash(piece, size);
  const LongPieceCache::Found found = long_cache_.find(piece, size, hash);
  if (found.ids) return ids->append(found.ids, found.n);
  const size_t begin = ids->size();
  add_unknown(piece, size, readable, hash, ids);
  const size_t n = ids->size() - begin;
  if (!is_short || !short_pieces.add(key, ids->data() + begin, n))
    long_cache_.add(piece, size, hash, ids->data() + begin, n);
}

/// The ids of a piece that is not remembered.
void Bpe::add_unknown(const uint8_t* piece, size_t size, size_t readable, uint64_t hash, Array<uint32_t>* ids) {
  // Where it has more parts than one, no token reaches across.
  if (cuts_.allowed() && cuts_.next_part(piece, 0, size) != size) return add_parts(piece, size, readable, ids);
  const bool may_be_token = options_.ignore_merges && size <= vocab_->longest();
  const uint32_t token = may_be_token ? vocab_->find(piece, size, hash) : kNone;
  if (token == kNone) return add_merged(piece, size, ids);
  ids->push_back(token);
}

}  // namespace wembed::text
