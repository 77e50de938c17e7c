#pragma once
#include <cstddef>
#include <cstdint>

#include "core/array.h"
#include "core/status.h"
#include "text/merger.h"
#include "text/piece_cache.h"
#include "text/piece_cuts.h"
#include "text/vocab.h"

namespace wembed::text {

/// Writes the bytes a byte-level vocabulary string stands for (GPT-2's bytes ↔ characters) to out, which has room for
/// `size` bytes, and returns how many; -1 for a string with a character that stands for no byte. Such a token can never
/// be met in text: give it to the Vocab as 0xFF and its own spelling, which no UTF-8 contains.
ptrdiff_t byte_level_to_raw(const uint8_t* token, size_t size, uint8_t* out);

struct BpeOptions {
  /// The vocabulary is byte-level and holds raw bytes (byte_level_to_raw): symbols are bytes, not characters.
  bool byte_level = false;
  bool byte_fallback = false;
  bool fuse_unk = false;
  bool ignore_merges = false;
  /// There are no merges: any two neighbours merge whose bytes together are a piece, and its id is their rank. What
  /// tiktoken does. Byte-level only.
  bool ranks = false;
  uint32_t unk_id = Vocab::kNone;
  Bytes continuing_subword_prefix;
  Bytes end_of_word_suffix;
};

/// Byte pair encoding as HF `tokenizers` 0.23 has it, without dropout: symbols are characters (or bytes), the pair of
/// lowest rank merges first, the leftmost first among equals. O(n log n) for a piece of n bytes.
class Bpe {
 public:
  /// @param vocab   must outlive this
  /// @param merges  (n) in rank order
  /// Errors: those of MergeTable; unsupported for byte_fallback together with byte_level, a prefix or a suffix.
  Status build(const Vocab& vocab, const Merge* merges, uint32_t n, const BpeOptions& options);

  /// Calls sink(id, begin, end) for each token of a piece of valid UTF-8; begin and end count bytes of the piece.
  /// A character that has neither an id nor an unk_id vanishes, as in the reference.
  template <class Sink>
  void encode(const uint8_t* piece, size_t size, Sink&& sink) {
    uint32_t begin = 0;
    for (size_t at = 0; at < size;) {
      const size_t cut = size - at <= kKey ? size : cuts_.next_cut(piece, at, size);
      const Run run = encode_piece(piece + at, cut - at);
      for (size_t i = 0; i < run.n; ++i) {
        const uint32_t end = begin + run.tokens[i].size;
        sink(run.tokens[i].id, begin, end);
        begin = end;
      }
      at = cut;
    }
  }

  /// Appends the ids of a piece, and remembers them.
  void add_ids(const uint8_t* piece, size_t size, Array<uint32_t>* ids);
  /// The same of a piece that is not remembered. @param readable  so many bytes can be read
  [[gnu::noinline]] void add_new(const uint8_t* piece, size_t size, size_t readable, Array<uint32_t>* ids);
  /// What pieces became before.
  const PieceCache& cache() {
    if (cache_.empty()) forget();
    return cache_;
  }
  /// There once cache() has been called.
  const LongPieceCache& long_cache() const { return long_cache_; }
  /// Writes the ids of a piece of at most PieceCache::kLongest bytes, of which 16 can be read, and returns how many: 0
  /// where it is not known.
  [[gnu::noinline]] size_t take_short(const uint8_t* piece, size_t size, uint32_t* out);
  /// The ids of a short piece, where what its own place in cache() says of it, `found`, is not how many were written.
  [[gnu::noinline]] size_t take_elsewhere(PieceCache::Key key, size_t found, uint32_t* out);

 private:
  using Token = BpeToken;
  struct Run {
    const Token* tokens;
    size_t n;
  };
  /// A remembered piece: encoding depends on nothing but its bytes.
  static constexpr uint32_t kKey = 22, kKept = 4;
  struct Memo {
    uint8_t size, n;
    uint8_t key[kKey];
    Token tokens[kKept];
  };

  Status build_ranks();
  void add_merged(const uint8_t* piece, size_t size, Array<uint32_t>* ids);
  void add_unknown(const uint8_t* piece, size_t size, size_t readable, Array<uint32_t>* ids);
  void add_part(const uint8_t* part, size_t size, PieceCache::Key key, Array<uint32_t>* ids);
  void add_parts(const uint8_t* piece, size_t size, size_t readable, Array<uint32_t>* ids);
  void remember(PieceCache::Key key, size_t size, const uint32_t* ids, size_t n);
  void remember_long(const uint8_t* piece, size_t size, uint64_t hash, const uint32_t* ids, size_t n);
  void forget() {
    cache_.build();
    long_cache_.build();
  }
  uint32_t symbol_id(const uint8_t* s, size_t size, bool first, bool last);
  bool add_byte_tokens(const uint8_t* s, size_t size);
  void add_symbols(const uint8_t* piece, size_t size);
  Run encode_piece(const uint8_t* piece, size_t size);

  const Vocab* vocab_ = nullptr;
  BpeOptions options_;
  Array<uint8_t> prefix_, suffix_;
  uint32_t byte_id_[256];      // the piece that is this one byte
  uint32_t fallback_id_[256];  // the piece <0xNN>

  Merger merger_;
  PieceCuts cuts_;

  // Working memory, kept between calls.
  Array<Token> tokens_;
  Array<uint8_t> spelled_;
  Array<Memo> memo_;
  PieceCache cache_;
  LongPieceCache long_cache_;
};

}  // namespace wembed::text
