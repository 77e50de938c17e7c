#include "text/unigram.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "text/unicode.h"

namespace wembed::text {
namespace {

/// A sum of this size or less is carried on (sentencepiece 0.2.3, `EncodeOptimized`).
constexpr double kMostSum = 100000;
constexpr double kUnkPenalty = 10.0;
/// At every place of a text, the pieces that may begin there are walked along: a huge one would take the square of its
/// length. (Real ones have at most some hundred bytes.)
constexpr size_t kLongestPiece = 1024;
/// A stretch ends at the first place no piece crosses after this many bytes, so that memory stays bounded on texts
/// that are one piece. Short enough to stay in the cache, long enough to cost nothing.
constexpr uint32_t kStretch = 4096;

}  // namespace

Status Unigram::build(const Vocab& vocab, const double* scores, uint32_t n, uint32_t unk_id, bool byte_fallback,
                      const double* unk_score) {
  single_ = unk_score != nullptr;
  lacks_unk_ = unk_id == kNone;
  if (lacks_unk_) unk_id = n;
  if (unk_id >= n && !lacks_unk_)
    return {Code::id_out_of_range, "unk_id is not in the vocabulary", double(unk_id), double(n)};
  double lowest = INFINITY;
  for (uint32_t i = 0; i < n; ++i) {
    const Bytes piece = vocab.piece(i);
    if (!piece.data) return {Code::bad_file, "an id without a piece", double(i), double(n), double(i)};
    if (piece.size == 0) return {Code::unsupported, "an empty piece", 0, 0, double(i)};
    if (piece.size > kLongestPiece)
      return {Code::unsupported, "a piece of more bytes than are covered", double(piece.size), double(kLongestPiece),
              double(i)};
    if (!std::isfinite(scores[i]) && !(single_ && std::isnan(scores[i])))
      return {Code::bad_file, "a score that is not finite", scores[i], 0, double(i)};
    lowest = std::min(lowest, scores[i]);
  }
  unk_id_ = unk_id;
  unk_score_ = single_ ? *unk_score : lowest - kUnkPenalty;
  scores_.assign(scores, n);
  byte_fallback_ = byte_fallback;
  static const char kHex[] = "0123456789ABCDEF";
  for (uint32_t b = 0; b < 256; ++b) {
    const uint8_t name[6] = {'<', '0', 'x', uint8_t(kHex[b >> 4]), uint8_t(kHex[b & 15]), '>'};
    byte_id_[b] = vocab.find(name, 6);
  }
  trie_.build(vocab, n);
  return {};
}

uint32_t Unigram::run_id(const uint8_t* s, size_t size) const {
  // Characters unknown one by one may spell a piece together; the reference looks the fused run up again.
  const uint32_t id = single_ ? kNone : trie_.find(s, size);
  if (id != kNone) return id;
  if (!byte_fallback_) return unk_id_;
  for (size_t i = 0; i < size; ++i) {
    if (byte_id_[s[i]] == kNone) return unk_id_;
  }
  return kBytes;
}

void Unigram::begin_search() {
  if (searching_) std::fill(best_.begin(), best_.end(), Best{0, 0, kNone});  // memory ran out in the last one
  stretch_ = 0;
  carried_ = 0;
  failed_ = false;
}

void Unigram::relax(uint32_t end, double score, uint32_t id, uint32_t begin) {
  if (single_) score = static_cast<float>(score);
  Best& best = best_[end - stretch_];
  if (best.begin != kNone && !(score > best.score)) return;
  best = {score, id, begin};
  if (lacks_unk_ && id == unk_id_) failed_ = true;
}

/// sentencepiece keeps its f32 sums small: what is reached counts from here on.
void Unigram::begin_anew(uint32_t pos, uint32_t reach) {
  const double sum = best_[pos - stretch_].score;
  for (uint32_t end = pos; end <= reach; ++end) {
    Best& best = best_[end - stretch_];
    if (end == pos || best.begin != kNone) best.score = static_cast<float>(best.score - sum);
  }
}

/// Tries every piece that begins at pos and returns the end of the longest.
uint32_t Unigram::extend(const uint8_t* text, size_t size, uint32_t pos) {
  const double score = best_[pos - stretch_].score;
  const uint32_t left = uint32_t(size) - pos;
  const uint32_t character = std::min(utf8_length(text[pos]), left);
  uint32_t reach = pos + character;
  bool known = false;
  uint32_t node = 0;
  for (uint32_t i = pos; i < size;) {
    node = trie_.step(node, text[i]);
    if (node == kNone) break;
    ++i;
    const uint32_t id = trie_.piece_at(node);
    if (id == kNone || std::isnan(scores_[id])) continue;
    if (i - stretch_ >= best_.size()) best_.resize(best_.size() * 2, {0, 0, kNone});
    relax(i, scores_[id] + score, id, pos);
    known |= i == pos + character;
    reach = std::max(reach, i);
  }
  if (!known) relax(pos + character, unk_score_ + score, unk_id_, pos);
  return reach;
}

void Unigram::trace(uint32_t end) {
  path_.clear();
  while (end > stretch_) {
    const Best best = best_[end - stretch_];
    path_.push_back({best.id, best.begin, end});
    end = best.begin;
  }
}

/// Finds the best path up to the next place that no piece crosses, where nothing later can change it. The score is
/// carried on, since f64 sums depend on all that came before.
bool Unigram::next_stretch(const uint8_t* text, size_t size) {
  if (stretch_ >= size) return false;
  if (best_.size() < 64) best_.resize(64, {0, 0, kNone});
  searching_ = true;
  best_[0].score = carried_;
  uint32_t reach = stretch_, pos = stretch_;
  const uint32_t begin = stretch_;
  while (pos < size) {
    if (pos == reach && pos - begin >= kStretch) break;
    while (pos + 4 - stretch_ >= best_.size()) best_.resize(best_.size() * 2, {0, 0, kNone});
    if (single_ && std::fabs(best_[pos - stretch_].score) > kMostSum) begin_anew(pos, reach);
    reach = std::max(reach, extend(text, size, pos));
    pos += std::min(utf8_length(text[pos]), uint32_t(size) - pos);
  }
  trace(pos);
  carried_ = best_[pos - stretch_].score;
  // Only what was written is cleared for the next stretch, however long a text has been before.
  std::fill_n(best_.begin(), reach - stretch_ + 1, Best{0, 0, kNone});
  stretch_ = pos;
  searching_ = false;
  return true;
}

}  // namespace wembed::text
