#include "text/wordpiece.h"

#include <algorithm>
#include <cstring>

#include "text/normalizer.h"
#include "text/unicode.h"

namespace wembed::text {
namespace {

enum AsciiClass : uint8_t { kLetter, kSpace, kPunctuation, kDropped, kBeyond };

constexpr uint32_t kMemos = 4096;
constexpr uint32_t kShortBits = 12, kShorts = 1u << kShortBits;
constexpr uint32_t kLongestAscii = 1 << 16;
constexpr uint32_t kLongestPiece = 1024;

bool longer_than(const uint8_t* s, size_t size, uint32_t max_chars) {
  if (size <= max_chars) return false;
  uint32_t chars = 0;
  for (size_t i = 0; i < size; i++) chars += (s[i] & 0xC0) != 0x80;
  return chars > max_chars;
}

/// Eight characters at once: the letters and digits before anything else, lowercased if asked for.
struct Run {
  uint64_t bytes;
  size_t size;  // of the run, 0 to 8
};

Run run_of(const uint8_t* text, bool lowercase) {
  constexpr uint64_t kOnes = 0x0101010101010101, kHigh = 0x80 * kOnes;
  uint64_t bytes;
  std::memcpy(&bytes, text, sizeof bytes);
  const uint64_t low = bytes & ~kHigh;
  // The high bit of each byte that is at least `least`; no sum carries into the next byte.
  const auto at_least = [low](uint64_t least) { return low + (0x80 - least) * kOnes; };
  const uint64_t upper = at_least('A') & ~at_least('Z' + 1) & kHigh;
  const uint64_t others = (at_least('a') & ~at_least('z' + 1)) | (at_least('0') & ~at_least('9' + 1));
  const uint64_t is_word = (upper | (others & kHigh)) & ~bytes;
  if (lowercase) bytes |= upper >> 2;
  const uint64_t end = ~is_word & kHigh;
  return {bytes, end ? static_cast<size_t>(__builtin_ctzll(end)) / 8 : 8};
}

}  // namespace

Status WordPiece::build(const Vocab& vocab, uint32_t unk_id, Bytes prefix, uint32_t max_chars) {
  if (!vocab.piece(unk_id).data) return {Code::bad_file, "no token has the unknown token's id", double(unk_id)};
  vocab_ = &vocab;
  unk_id_ = unk_id;
  max_chars_ = max_chars;
  prefix_.assign(prefix.data, prefix.size);
  std::fill(longest_of_, longest_of_ + 256, 0u);
  for (uint32_t id = 0; id < vocab.size(); id++) {
    const Bytes piece = vocab.piece(id);
    if (piece.size <= prefix.size) continue;
    if (prefix.size && std::memcmp(piece.data, prefix.data, prefix.size) != 0) continue;
    uint32_t& longest = longest_of_[piece.data[prefix_.size()]];
    longest = std::max(longest, static_cast<uint32_t>(piece.size - prefix_.size()));
  }
  // Every length that a piece may have is tried at every place of a word.
  const uint32_t longest = std::min(vocab.longest(), max_chars < kLongestPiece ? 4 * max_chars : kLongestPiece + 1);
  if (longest > kLongestPiece)
    return {Code::unsupported, "pieces and words of more bytes than are covered", double(vocab.longest()),
            double(kLongestPiece)};
  const size_t room = std::max(256u, std::min(max_chars, kLongestAscii));
  buffer_.assign(prefix_.size() + room, 0);
  parts_.resize(room);
  memo_.assign(kMemos, Memo{});
  short_.assign(kShorts, Short{});
  return {};
}

bool WordPiece::build_bert(uint32_t flags) {
  if (max_chars_ > kLongestAscii) return false;
  lowercase_ = flags & kLowercase;
  for (uint32_t b = 0; b < 256; b++) {
    lower_[b] = static_cast<uint8_t>(lowercase_ && b - 'A' < 26 ? b + 32 : b);
    // Not asked beyond ASCII: it would unpack the tables.
    const bool dropped = b < 0x80 && (flags & kCleanText) && (b == 0 || is_bert_control(b));
    class_[b] = b >= 0x80                ? kBeyond
                : dropped                ? kDropped
                : is_whitespace(b)       ? kSpace
                : is_bert_punctuation(b) ? kPunctuation
                                         : kLetter;
    if (b >= 128) continue;
    const uint8_t byte = static_cast<uint8_t>(b);
    const uint32_t id = vocab_->find(&byte, 1);
    punctuation_id_[b] = id == Vocab::kNone || max_chars_ == 0 ? unk_id_ : id;
  }
  return true;
}

const uint8_t* WordPiece::encode_ascii(const uint8_t* text, size_t size, size_t most, Array<uint32_t>* ids) {
  uint8_t* const word = buffer_.data() + prefix_.size();
  const uint8_t* const end = text + size;
  const size_t room = buffer_.size() - prefix_.size();
  const uint8_t* begin = text;  // of the word in hand
  size_t n = 0;
  for (const uint8_t* p = text; p < end; p++) {
    if (n + 8 <= room && end - p > 8) {
      const Run run = run_of(p, lowercase_);
      std::memcpy(word + n, &run.bytes, sizeof run.bytes);
      n += run.size;
      p += run.size;
    }
    const uint8_t c = class_[*p];
    if (c == kLetter) {
      // What a word has beyond its room only counts: it is longer than max_chars, or the caller would not be here.
      if (n < room) word[n] = lower_[*p];
      n++;
      continue;
    }
    if (c == kDropped) continue;
    if (c == kBeyond) return begin;
    if (n) add_word(n, ids);
    n = 0;
    begin = p + 1;
    if (c == kPunctuation) ids->push_back(punctuation_id_[*p]);
    if (ids->size() >= most) return begin;
  }
  if (n) add_word(n, ids);
  return end;
}

// The word stands in buffer_. Most are short, whole pieces that occurred before: they are told by one number.
inline void WordPiece::add_word(size_t size, Array<uint32_t>* ids) {
  if (size > sizeof(uint64_t)) return add_new_word(size, nullptr, ids);
  uint64_t bytes;
  std::memcpy(&bytes, buffer_.data() + prefix_.size(), sizeof bytes);
  bytes &= ~uint64_t{0} >> (64 - 8 * size);
  Short* known = &short_[bytes * 0x9E3779B97F4A7C15 >> (64 - kShortBits)];
  if (known->bytes == bytes && known->size == size) return ids->push_back(known->id);
  *known = {bytes, 0, 0};
  add_new_word(size, known, ids);
}

/// @param known  null, or where to remember the word if it is a whole piece
void WordPiece::add_new_word(size_t size, Short* known, Array<uint32_t>* ids) {
  if (size > max_chars_ || size > buffer_.size() - prefix_.size()) return ids->push_back(unk_id_);
  const uint8_t* word = buffer_.data() + prefix_.size();
  const uint64_t hash = vocab_->hash(word, size);
  const uint32_t id = vocab_->find(word, size, hash);
  if (id != Vocab::kNone) {
    if (known) *known = {known->bytes, static_cast<uint32_t>(size), id};
    return ids->push_back(id);
  }
  if (size > kKey) {
    const size_t n = split_word(size);
    for (size_t i = 0; i < n; i++) ids->push_back(parts_[i].id);
    return;
  }
  Memo& memo = memo_[hash >> 40 & (kMemos - 1)];
  if (memo.size == size && std::memcmp(memo.key, word, size) == 0) {
    ids->append(memo.ids, memo.n);
    return;
  }
  uint8_t key[kKey];
  std::memcpy(key, word, size);  // split_word writes over the word
  const size_t n = split_word(size);
  for (size_t i = 0; i < n; i++) ids->push_back(parts_[i].id);
  if (n > kKept) return;
  memo.size = static_cast<uint8_t>(size);
  memo.n = static_cast<uint8_t>(n);
  std::memcpy(memo.key, key, size);
  for (size_t i = 0; i < n; i++) memo.ids[i] = parts_[i].id;
}

size_t WordPiece::encode_word(const uint8_t* word, size_t size) {
  if (longer_than(word, size, max_chars_)) return unknown(size);
  if (size + prefix_.size() > buffer_.size()) buffer_.resize(size + prefix_.size());
  if (size > parts_.size()) parts_.resize(size);
  const uint32_t id = vocab_->find(word, size);
  if (id != Vocab::kNone) {
    parts_[0] = {id, 0, static_cast<uint32_t>(size)};
    return 1;
  }
  std::memcpy(buffer_.data() + prefix_.size(), word, size);
  return split_word(size);
}

// The prefix of a continuing piece is written over the bytes before it, which are spent. Probes are bounded by the
// longest piece that begins with the same byte. The word is the one in buffer_.
size_t WordPiece::split_word(size_t size) {
  uint8_t* const word = buffer_.data() + prefix_.size();
  size_t n = 0;
  for (size_t begin = 0; begin < size;) {
    const size_t prefix = begin ? prefix_.size() : 0;
    uint8_t* const s = word + begin - prefix;
    if (prefix) std::memcpy(s, prefix_.data(), prefix);
    size_t length = std::min<size_t>(size - begin, begin ? longest_of_[word[begin]] : vocab_->longest());
    uint32_t id = Vocab::kNone;
    for (; length > 0; length--) {
      const bool whole = begin + length == size || (word[begin + length] & 0xC0) != 0x80;
      if (whole && (id = vocab_->find(s, prefix + length)) != Vocab::kNone) break;
    }
    if (length == 0) return unknown(size);
    parts_[n++] = {id, static_cast<uint32_t>(begin), static_cast<uint32_t>(begin + length)};
    begin += length;
  }
  return n;
}

size_t WordPiece::unknown(size_t size) {
  parts_[0] = {unk_id_, 0, static_cast<uint32_t>(size)};
  return 1;
}

}  // namespace wembed::text
