#pragma once
#include <cstddef>
#include <cstdint>

#include "core/array.h"
#include "text/merge_table.h"
#include "text/vocab.h"

namespace wembed::text {

/// A vocabulary on its way into a spec, with the merges of BPE or the scores of Unigram, read from the bytes of any
/// kind of file: as JavaScript's objects they take ten times the file's size. Whatever returns a bool returns false
/// where anything is unusual or wrong: callers then let JavaScript read the file, which also says what it is.
class Lists {
 public:
  /// What scores say about merges.
  enum class Order : uint32_t {
    score_of_normal,  // SentencePiece's own; where scores are equal the leftmost merge comes first
    score,            // the same of all pieces, as llama.cpp has it
    id,               // as transformers orders those of a tokenizer.model
  };

  /// Room for so many bytes of pieces; what is written there becomes pieces by `add_piece`.
  uint8_t* room(size_t size);
  void add_piece(const uint8_t* end, uint32_t id) {
    offsets_.push_back(static_cast<uint32_t>(end - bytes_.data()));
    ids_.push_back(id);
  }
  /// Where the next piece's bytes go.
  uint8_t* end() { return bytes_.data() + offsets_.back(); }
  uint32_t count() const { return static_cast<uint32_t>(ids_.size()); }
  /// The score of the piece that is added next.
  void add_score(double score) { scores_.push_back(score); }
  /// After the last piece.
  bool close();

  /// A GGUF file's array of strings, n of them: a u64 length before each.
  bool read_strings(const uint8_t* strings, size_t size, uint32_t n);
  /// The pieces of a SentencePiece model. @param model  is written to: what is no piece moves to its beginning
  bool read_pieces(uint8_t* model, size_t size);

  /// One whose parts stand one after the other.
  bool add_merge(const uint8_t* joined, size_t left, size_t right);
  /// Two tokens with a space between them. @param pair  is written to
  bool add_pair(uint8_t* pair, size_t size);
  /// Room for so many bytes of a merge.
  uint8_t* spell(size_t size);
  /// A merge in each string of a GGUF file's array. @param strings  is written to
  bool read_merge_strings(uint8_t* strings, size_t size, uint32_t n);
  /// A merge a line, as in merges.txt. @param lines  is written to
  bool read_merge_lines(uint8_t* lines, size_t size);
  /// Every way to make a piece of two others: by score, those of one rank marked (`Merge::kSameRank`).
  /// @param scores  (pieces), null for those that were read with them
  bool merge_by(Order order, const float* scores);

  const Vocab& vocabulary() const { return vocabulary_; }
  const Array<Merge>& merges() const { return merges_; }
  const Array<double>& scores() const { return scores_; }
  /// SentencePiece.Type of each piece.
  const Array<uint8_t>& types() const { return types_; }
  /// The bytes that `read_pieces` has moved to the model's beginning.
  size_t rest() const { return rest_; }

 private:
  bool read_piece(const uint8_t* p, const uint8_t* end);
  [[gnu::noinline]] void add_merges_of(uint32_t id, Order order);
  bool is_normal(uint32_t id) const { return types_.empty() || types_[id] == 1; }

  Array<uint8_t> bytes_, spelled_;
  Array<uint32_t> offsets_{0}, ids_;
  Array<double> scores_;
  Array<uint8_t> types_;
  size_t rest_ = 0;
  Vocab vocabulary_;
  Array<Merge> merges_;
};

}  // namespace wembed::text
