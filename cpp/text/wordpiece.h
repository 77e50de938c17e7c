#pragma once
#include <cstdint>

#include "core/array.h"
#include "core/status.h"
#include "text/vocab.h"

namespace wembed::text {

/// WordPiece: a word becomes its longest pieces from the left, those after the first spelled with a prefix (##); a word
/// that cannot be spelled, or has more than max_chars characters, becomes the unknown id.
class WordPiece {
 public:
  /// Errors: bad_file for an unk_id no piece has; unsupported where a word may hold pieces of more than 1,024 bytes.
  Status build(const Vocab& vocab, uint32_t unk_id, Bytes prefix, uint32_t max_chars);

  /// Sets up `encode_ascii` for BERT's normalizer and pre-tokenizer.
  /// @param flags  BertFlags
  /// @returns false where words may be too long for it
  bool build_bert(uint32_t flags);

  /// Calls sink(id, begin, end) for each token of a word; begin and end count bytes of the word.
  template <class Sink>
  void encode(const uint8_t* word, size_t size, Sink&& sink) {
    const size_t n = encode_word(word, size);
    for (size_t i = 0; i < n; i++) sink(parts_[i].id, parts_[i].begin, parts_[i].end);
  }

  /// BERT from raw text to ids in one pass, as far as it is ASCII: normalizes, splits, looks up.
  /// Appends to ids until they are `most`, or to the end, or to a word that holds other characters.
  /// @returns where to go on: text + size, or the begin of that word, or the place after the last of `most` ids
  const uint8_t* encode_ascii(const uint8_t* text, size_t size, size_t most, Array<uint32_t>* ids);

 private:
  struct Part {
    uint32_t id, begin, end;
  };
  /// A remembered word of several pieces.
  static constexpr uint32_t kKey = 24, kKept = 6;
  struct Memo {
    uint8_t size, n;
    uint8_t key[kKey];
    uint32_t ids[kKept];
  };

  /// A remembered word that is one piece; of size 0 where there is none.
  struct Short {
    uint64_t bytes;
    uint32_t size, id;
  };

  size_t encode_word(const uint8_t* word, size_t size);
  size_t split_word(size_t size);
  size_t unknown(size_t size);
  void add_word(size_t size, Array<uint32_t>* ids);
  void add_new_word(size_t size, Short* known, Array<uint32_t>* ids);

  const Vocab* vocab_ = nullptr;
  uint32_t unk_id_ = 0;
  uint32_t max_chars_ = 100;
  Array<uint8_t> prefix_;
  uint32_t longest_of_[256];  // the longest piece that continues a word with this byte, without the prefix
  bool lowercase_ = false;
  uint8_t class_[256];
  uint8_t lower_[256];
  uint32_t punctuation_id_[128];

  // Working memory, kept between calls.
  Array<uint8_t> buffer_;  // room for the prefix, then the word
  Array<Part> parts_;
  Array<Memo> memo_;
  Array<Short> short_;
};

}  // namespace wembed::text
