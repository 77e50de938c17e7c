#pragma once
#include <cstddef>
#include <cstdint>

#include "core/array.h"
#include "core/status.h"
#include "text/piece_trie.h"
#include "text/vocab.h"

namespace wembed::text {

/// Unigram language model: the segmentation of highest total score, as HF `tokenizers` 0.23 finds it (Viterbi in f64,
/// the earliest start among equals, unknown characters at the lowest score − 10 and fused). Linear time for a
/// vocabulary of bounded piece length; no allocation once the working memory has grown to the longest piece.
class Unigram {
 public:
  /// @param vocab          pieces with ids 0 … n − 1; needed during build only
  /// @param scores         (n) f64, finite
  /// @param byte_fallback  spell unknown runs as <0xNN> where all of these exist
  /// @param unk_id         kNone: text that needs it cannot be encoded, as in the reference (`failed`)
  /// @param unk_score      null: as above. Else this one, and all is as SentencePiece itself has it: sums are kept in
  /// f32,
  ///                       pieces whose score is NaN are not found in text, and a run of unknown characters is no
  ///                       piece.
  /// Errors: unsupported for an empty piece, and for one of more than 1,024 bytes,
  /// id_out_of_range for an unk_id ≥ n, bad_file for an id without a piece or a score that is not finite.
  Status build(const Vocab& vocab, const double* scores, uint32_t n, uint32_t unk_id, bool byte_fallback,
               const double* unk_score = nullptr);

  /// Calls sink(id, begin, end) for each token of a text of valid UTF-8; begin and end count bytes of the text.
  /// All byte tokens of one unknown run share the run's begin and end.
  template <class Sink>
  void encode(const uint8_t* text, size_t size, Sink&& sink) {
    begin_search();
    uint32_t run = kNone, run_end = 0;  // the unknown characters not yet passed on
    while (next_stretch(text, size)) {
      for (size_t i = path_.size(); i-- > 0;) {
        const Step step = path_[i];
        if (step.id == unk_id_) {
          if (run == kNone) run = step.begin;
          run_end = step.end;
          continue;
        }
        if (run != kNone) emit_run(text, run, run_end, sink);
        run = kNone;
        sink(step.id, step.begin, step.end);
      }
    }
    if (run != kNone) emit_run(text, run, run_end, sink);
  }

  /// Whether the last text had a character that no piece has, where there is no unk_id: its ids mean nothing.
  bool failed() const { return failed_; }

 private:
  static constexpr uint32_t kNone = 0xFFFFFFFF;
  static constexpr uint32_t kBytes = 0xFFFFFFFE;  // stands for a run spelled in byte tokens
  struct Best {
    double score;
    uint32_t id;
    uint32_t begin;  // kNone where nothing ends yet
  };
  struct Step {
    uint32_t id, begin, end;
  };

  template <class Sink>
  void emit_run(const uint8_t* text, uint32_t begin, uint32_t end, Sink&& sink) const {
    const uint32_t id = run_id(text + begin, end - begin);
    if (id != kBytes) return sink(id, begin, end);
    for (uint32_t i = begin; i < end; ++i) sink(byte_id_[text[i]], begin, end);
  }

  uint32_t run_id(const uint8_t* s, size_t size) const;

  void begin_search();
  bool next_stretch(const uint8_t* text, size_t size);
  uint32_t extend(const uint8_t* text, size_t size, uint32_t pos);
  void begin_anew(uint32_t pos, uint32_t reach);
  void relax(uint32_t end, double score, uint32_t id, uint32_t begin);
  void trace(uint32_t end);

  PieceTrie trie_;
  Array<double> scores_;
  double unk_score_ = 0;
  uint32_t unk_id_ = 0;
  bool byte_fallback_ = false;
  bool single_ = false;  // sums are kept in f32
  bool lacks_unk_ = false;
  bool failed_ = false;
  uint32_t byte_id_[256];

  // Working memory, kept between calls.
  Array<Best> best_;  // best_[i] is about what ends at byte stretch_ + i
  uint32_t stretch_ = 0;
  double carried_ = 0;
  bool searching_ = false;  // best_ holds what the next search must not see
  Array<Step> path_;
};

}  // namespace wembed::text
