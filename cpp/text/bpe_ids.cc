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

/// Merges and remembers what was not met before.
void Bpe::add_merged(const uint8_t* piece, size_t size, uint64_t hash, Array<uint32_t>* ids) {
  const LongPieceCache::Found found = long_cache_.find(piece, size, hash);
  if (found.ids) return ids->append(found.ids, found.n);
  add_symbols(piece, size);
  merger_.merge(piece, &tokens_);
  const size_t n = tokens_.size();
  uint32_t* added = ids->extend(n);
  for (size_t i = 0; i < n; ++i) added[i] = tokens_[i].id;
  long_cache_.add(piece, size, hash, added, n);
}

/// A part is not made a token without a merge, as a whole piece may be: it is remembered as a part.
void Bpe::add_parts(const uint8_t* piece, size_t size, Array<uint32_t>* ids) {
  uint8_t padded[256];  // where 16 bytes can be read from any place of the piece
  const bool fits = size + 16 <= sizeof padded;
  if (fits) std::memcpy(padded, piece, size);
  const uint8_t* s = fits ? padded : piece;
  for (size_t at = 0, end; at < size; at = end) {
    end = cuts_.next_part(s, at, size);
    const size_t length = end - at;
    if (length > PieceCache::kLongest) {
      add_merged(s + at, length, vocab_->hash(s + at, length) ^ kPart, ids);
      continue;
    }
    const PieceCache::Key key = PieceCache::as_part(fits || end + 16 <= size ? PieceCache::key_of_16(s + at, length)
                                                                             : PieceCache::key_of(s + at, length));
    const size_t begin = ids->size();
    if (const PieceCache::Entry* known = cache_.find(key)) {
      const uint32_t n = PieceCache::take(*known, ids->extend(PieceCache::kWritten));
      ids->resize(begin + n);
      continue;
    }
    add_merged(s + at, length, vocab_->hash(s + at, length) ^ kPart, ids);
    cache_.add(key, ids->data() + begin, ids->size() - begin);
  }
}

void Bpe::add_ids(const uint8_t* piece, size_t size, Array<uint32_t>* ids) {
  if (size == 0) return;
  PieceCache& short_pieces = cache();
  const bool is_short = size <= PieceCache::kLongest;
  PieceCache::Key key{};
  if (is_short) {
    key = PieceCache::key_of(piece, size);
    if (const PieceCache::Entry* known = short_pieces.find(key)) return ids->append(known->ids, known->n);
  }
  const size_t begin = ids->size();
  const bool is_part = !cuts_.allowed() || cuts_.next_part(piece, 0, size) == size;  // else no token reaches across
  const bool may_be_token = is_part && options_.ignore_merges && size <= vocab_->longest();
  const uint64_t hash = is_part ? vocab_->hash(piece, size) : 0;
  const uint32_t token = may_be_token ? vocab_->find(piece, size, hash) : kNone;
  if (token != kNone) {
    ids->push_back(token);
  } else if (is_part) {
    add_merged(piece, size, hash, ids);
  } else {
    add_parts(piece, size, ids);
  }
  if (is_short) short_pieces.add(key, ids->data() + begin, ids->size() - begin);
}

}  // namespace wembed::text
