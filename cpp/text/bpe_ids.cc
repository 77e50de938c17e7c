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

/// Room for the ids of a piece, if there are no more than are remembered.
uint32_t* room_for(size_t size, Array<uint32_t>* ids) {
  return ids->extend(std::min(size, LongPieceCache::kMostIds) + LongPieceCache::kWritten);
}

void end_at(const uint32_t* out, Array<uint32_t>* ids) { ids->resize(static_cast<size_t>(out - ids->data())); }

}  // namespace

/// Appends the ids that merging gives.
void Bpe::add_merged(const uint8_t* piece, size_t size, Array<uint32_t>* ids) {
  add_symbols(piece, size);
  merger_.merge(piece, &tokens_);
  uint32_t* added = ids->extend(tokens_.size());
  for (const Token& token : tokens_) *added++ = token.id;
}

size_t Bpe::take_elsewhere(PieceCache::Key key, size_t found, uint32_t* out) {
  if (!found) found = cache_.take_other(key, out);
  if (found > PieceCache::kMostIds) long_cache_.take_kept(*out, found, out);
  return found;
}

size_t Bpe::take_short(const uint8_t* piece, size_t size, uint32_t* out) {
  const PieceCache::Key key = PieceCache::key_of_16(piece, size);
  const size_t known = cache_.take(key, out);
  return known - 1 < PieceCache::kMostIds ? known : take_elsewhere(key, known, out);
}

void Bpe::remember(PieceCache::Key key, size_t size, const uint32_t* ids, size_t n) {
  if (!LongPieceCache::takes(size, n)) return;
  if (n <= PieceCache::kMostIds) return cache_.add(key, ids, n);
  if (long_cache_.is_full(size, n)) forget();
  const uint32_t at = long_cache_.keep(ids, n);
  cache_.add(key, &at, n);
}

void Bpe::remember_long(const uint8_t* piece, size_t size, uint64_t hash, const uint32_t* ids, size_t n) {
  if (!LongPieceCache::takes(size, n)) return;
  if (long_cache_.is_full(size, n)) forget();
  long_cache_.add(piece, size, hash, ids, n);
}

/// A part of a piece that is not remembered, or is long: one that is a token as a whole may still not become that.
void Bpe::add_part(const uint8_t* part, size_t size, PieceCache::Key key, Array<uint32_t>* ids) {
  const size_t begin = ids->size();
  if (size <= PieceCache::kLongest) {
    add_merged(part, size, ids);
    return remember(key, size, ids->data() + begin, ids->size() - begin);
  }
  const uint64_t hash = LongPieceCache::hash_of(part, size, hash_seed()) ^ kPart;
  uint32_t* out = room_for(size, ids);
  const size_t known = long_cache_.take(part, size, hash, out);
  end_at(out + known, ids);
  if (known) return;
  add_merged(part, size, ids);
  remember_long(part, size, hash, ids->data() + begin, ids->size() - begin);
}

void Bpe::add_parts(const uint8_t* piece, size_t size, size_t readable, Array<uint32_t>* ids) {
  constexpr size_t kRoom = 64;  // ids
  uint32_t* out = ids->extend(kRoom);
  for (size_t at = 0, end; at < size; at = end) {
    end = cuts_.next_part(piece, at, size);
    if (static_cast<size_t>(ids->end() - out) < LongPieceCache::kWritten) {
      end_at(out, ids);
      out = ids->extend(kRoom);
    }
    const uint8_t* part = piece + at;
    const size_t length = end - at;
    PieceCache::Key key{};
    if (length <= PieceCache::kLongest) {
      key = PieceCache::as_part(readable - at >= 16 ? PieceCache::key_of_16(part, length)
                                                    : PieceCache::key_of(part, length));
      size_t known = cache_.take(key, out);
      if (known - 1 >= PieceCache::kMostIds) known = take_elsewhere(key, known, out);
      out += known;
      if (known) continue;
    }
    end_at(out, ids);
    add_part(part, length, key, ids);
    out = ids->extend(kRoom);
  }
  end_at(out, ids);
}

void Bpe::add_ids(const uint8_t* piece, size_t size, Array<uint32_t>* ids) {
  if (size == 0) return;
  const PieceCache& short_pieces = cache();
  uint32_t* out = room_for(size, ids);
  size_t known;
  if (size <= PieceCache::kLongest) {
    const PieceCache::Key key = PieceCache::key_of(piece, size);
    known = short_pieces.take(key, out);
    if (known - 1 >= PieceCache::kMostIds) known = take_elsewhere(key, known, out);
  } else {
    known = long_cache_.take(piece, size, LongPieceCache::hash_of(piece, size, hash_seed()), out);
  }
  end_at(out + known, ids);
  if (!known) add_new(piece, size, size, ids);
}

void Bpe::add_new(const uint8_t* piece, size_t size, size_t readable, Array<uint32_t>* ids) {
  const size_t begin = ids->size();
  add_unknown(piece, size, readable, ids);
  const size_t n = ids->size() - begin;
  if (size <= PieceCache::kLongest) return remember(PieceCache::key_of(piece, size), size, ids->data() + begin, n);
  remember_long(piece, size, LongPieceCache::hash_of(piece, size, hash_seed()), ids->data() + begin, n);
}

/// The ids of a piece that is not remembered.
void Bpe::add_unknown(const uint8_t* piece, size_t size, size_t readable, Array<uint32_t>* ids) {
  // Where it has more parts than one, no token reaches across.
  if (cuts_.allowed() && cuts_.next_part(piece, 0, size) != size) return add_parts(piece, size, readable, ids);
  const bool may_be_token = options_.ignore_merges && size <= vocab_->longest();
  const uint32_t token = may_be_token ? vocab_->find(piece, size) : kNone;
  if (token == kNone) return add_merged(piece, size, ids);
  ids->push_back(token);
}

}  // namespace wembed::text
