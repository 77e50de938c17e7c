#pragma once
#include <cmath>

#include "core/array.h"
#include "kernels/logits.h"
#include "engine/table.h"

namespace wembed {

/// Which tokens may be drawn, in the order that transformers applies its warpers.
struct Sampling {
  float temperature = 1;  // 0: the most likely token
  uint32_t top_k = 0;     // 0: all
  float top_p = 1;        // the fewest most likely tokens of at least this probability
  float min_p = 0;        // tokens of at least this part of the most likely one's probability
};

/// The output end of a language model: scores = softcap(scale × (hidden · tableᵀ + bias)), and what is asked of them.
/// The table is the embedding's own where the two are tied. Scores of a whole vocabulary stay here: a strip of them at
/// a time, but for `logits` and `sample`. Of many hidden states, kGroup at a time pass over the table together.
class Head {
 public:
  /// @param bias  (rows) f32 or null; copied
  /// @param softcap  0: none; otherwise cap × tanh(score / cap), as Gemma 2 has it
  Head(const float* bias, uint32_t rows, float scale, float softcap);

  /// out[i,:] = scores of hidden[i,:]. @param out (n, rows) f32
  /// Errors of all: invalid_argument for a hidden state that is not finite (`index`: where).
  Status logits(Table& table, const float* hidden, size_t n, float* out);

  /// The k best rows of each hidden state, best first, equals by row; their scores, and their probabilities among all
  /// rows. @param ids, scores, probs (n, k)
  /// Errors: invalid_argument for k above the rows.
  Status top_k(Table& table, const float* hidden, size_t n, uint32_t k, uint32_t* ids, float* scores, float* probs);

  /// One row, drawn by a number `u` in [0, 1).
  Status sample(Table& table, const float* hidden, const Sampling& sampling, double u, uint32_t* id);

  /// For each state the log-probability of its target is score - max - ln(sum): these three. @param out (n, 3) f64
  /// Errors: id_out_of_range.
  Status log_probs(Table& table, const float* hidden, size_t n, const uint32_t* targets, double* out);

 private:
  struct Candidate {
    float score;
    uint32_t id;
  };
  static bool worse(const Candidate& a, const Candidate& b) { return better(b, a); }
  static bool better(const Candidate& a, const Candidate& b) {
    return a.score > b.score || (a.score == b.score && a.id < b.id);
  }

  /// A softmax's largest score and Σ e^(score - max), carried on from strip to strip.
  struct Denominator {
    float max = -INFINITY;
    double sum = 0;
    /// @param largest  of all scores, those before included
    void add(const float* scores, size_t n, float largest);
    void add(const float* scores, size_t n);
  };

  Status prepare(const Table& table, const float* hidden, size_t n);
  void make_forms(const Table& table, const float* hidden, size_t n);
  void make_split(const float* hidden, uint32_t dim, bool scaled, Hidden* form, float* split) const;
  void make_quanta(const float* hidden, uint32_t dim, Hidden* form, int16_t* q) const;
  void score(Table& table, size_t n, uint32_t first, uint32_t rows, float* out, size_t stride);
  template <class Use>
  void for_each_strip(Table& table, const float* hidden, size_t n, Use use);
  float keep_best(Candidate* best, uint32_t k, uint32_t first, uint32_t n, const float* scores, float largest) const;
  void keep_likely(const Sampling& sampling, float max, double sum);

  Array<float> bias_;
  float scale_, softcap_;
  Array<Hidden> hidden_;
  Array<float> split_, strip_, rows_, scores_;
  Array<int16_t> quanta_;
  Array<Denominator> all_;
  Array<Candidate> best_, kept_;
};

}  // namespace wembed
