#pragma once
#include <cstddef>
#include <cstdint>

#include "core/array.h"
#include "core/status.h"
#include "text/added_tokens.h"
#include "text/bpe.h"
#include "text/decoder.h"
#include "text/encoding.h"
#include "text/pre_tokenizer.h"
#include "text/reader.h"
#include "text/text_normalizer.h"
#include "text/unigram.h"
#include "text/vocab.h"
#include "text/wordpiece.h"

namespace wembed::text {

/// text → ids as HF `tokenizers` gives them, and back. Built from the binary form web/tokenizer/compile.js makes of a
/// tokenizer.json; nothing in it is trusted. One object serves one thread: its working memory is its own, and grows
/// to the longest text seen.
class Tokenizer {
 public:
  Tokenizer() = default;
  Tokenizer(const Tokenizer&) = delete;  // the models point at the vocabulary
  Tokenizer& operator=(const Tokenizer&) = delete;

  /// Errors: bad_file or id_out_of_range for a spec that contradicts itself, unsupported for one of another version.
  Status build(const uint8_t* spec, size_t size);

  /// Replaces *ids by the ids of a text, and *offsets (may be null) by where each came from.
  /// @param utf8  well-formed UTF-8; anything else counts as U+FFFD, byte by byte
  /// @param sink  is offered ids whenever a few thousand have gathered; *ids then holds those after what it took. Not
  ///   with special tokens or offsets.
  /// Errors: unsupported where a pattern of the file's takes too many steps on this text, or where it holds something
  ///   that the vocabulary has no id for, not even an unknown one's; there are no ids then.
  Status encode(const uint8_t* utf8, size_t size, const EncodeOptions& options, Array<uint32_t>* ids,
                Array<Span>* offsets = nullptr, IdSink* sink = nullptr);

  /// The same for many texts: those of text t are (*ids)[ends[t − 1], ends[t]).
  /// @param utf8  the texts one after the other: text t is utf8[text_ends[t - 1], text_ends[t])
  /// @param text_ends  (n) u32
  /// Errors: shape_mismatch for ends that decrease; those of encode.
  Status encode_batch(const uint8_t* utf8, const uint32_t* text_ends, uint32_t n, const EncodeOptions& options,
                      Array<uint32_t>* ids, Array<uint32_t>* ends);

  /// Replaces *utf8 by the text of ids; it may hold bytes that are no UTF-8 (TextDecoder makes U+FFFD of them, as the
  /// reference does). Ids that no token has are left out, as the reference does.
  void decode(const uint32_t* ids, size_t n, bool skip_special, Array<uint8_t>* utf8);

  /// The special tokens among these ids are text like any other in the calls after this one.
  void take_literally(const uint32_t* ids, size_t n) { added_.take_literally(ids, n); }

  /// Long texts are worked on part by part, where that changes nothing, so that what is kept beside a text stays small.
  void set_part(size_t bytes) { normalizer_.set_part(bytes); }

  /// One more than the largest id of vocabulary and added tokens.
  uint32_t vocab_size() const { return vocab_size_; }
  uint32_t unk_id() const { return unk_id_; }
  /// The token's spelling in tokenizer.json, good until the next call; {nullptr, 0} where no token has the id.
  Bytes token(uint32_t id);

 private:
  enum class Model : uint32_t { word_piece, bpe, unigram, word_level };

  Status read_vocab(Reader* in);
  Status read_byte_level_vocab(Bytes bytes, const uint32_t* offsets, uint32_t n, Array<uint32_t>&& ids);
  Status read_model(Reader* in);
  Status read_bpe(Reader* in);
  Status read_unigram(Reader* in);
  Status read_template(Reader* in);
  void choose_fast_path();

  void encode_segment(const uint8_t* text, size_t size, bool at_start);
  void encode_direct(const uint8_t* text, size_t size);
  void encode_bert(const uint8_t* text, size_t size);
  void encode_any(const uint8_t* text, size_t size, bool at_start);
  void encode_part(const uint8_t* text, size_t size, bool at_start);
  void normalize(const uint8_t* text, size_t size, Text* out);
  void encode_pieces(Text* text, bool at_start);

  Vocab vocab_;
  Model model_ = Model::word_piece;
  WordPiece word_piece_;
  Bpe bpe_;
  Unigram unigram_;
  AddedTokens added_;
  TextNormalizer normalizer_;
  PreTokenizer pre_tokenizer_;
  Decoder decoder_;
  Array<uint32_t> before_, after_;  // the template's ids
  uint32_t vocab_size_ = 0;
  uint32_t unk_id_ = Vocab::kNone;
  bool byte_level_ = false;     // the vocabulary holds raw bytes …
  bool raw_ = false;            // … and comes as these, not as the characters that tokenizer.json spells them with
  bool needs_sources_ = false;  // whether a word is the text's first is told by where it comes from
  bool bert_ = false;           // all of it is BERT's: one pass does
  bool direct_ = false;         // all of it is a pattern's pieces, merged as bytes: one loop does …
  bool direct_nfc_ = false;     // … where NFC changes nothing
  Pattern pattern_ = Pattern::gpt2;
  bool encodes_parts_ = false;

  // Working memory, kept between calls.
  Encoding out_;
  Text text_, segment_;
  Array<uint8_t> spelled_;
  Array<uint32_t> one_text_;
};

}  // namespace wembed::text
