#pragma once
#include "core/array.h"
#include "engine/products.h"
#include "engine/sampling.h"
#include "engine/softmax.h"

namespace wembed {

/// The output end of a language model: scores = softcap(scale × (hidden · tableᵀ + bias)), and the results derived from
/// them. The table is the embedding table if the two are tied. Only `logits` returns the scores of the whole
/// vocabulary.
class LanguageModelHead {
 public:
  /// @param bias     (rows) f32 or null; copied
  /// @param softcap  0: no cap; otherwise cap × tanh(score / cap), as in Gemma 2
  /// Errors: out_of_memory.
  static Status create(const float* bias, uint32_t rows, float scale, float softcap,
                       std::unique_ptr<LanguageModelHead>* head);

  /// out[i,:] = scores of hidden[i,:]. @param out (n, rows) f32
  /// Errors of all functions: those of Products; shape_mismatch if the bias has another number of rows.
  Status logits(Table& table, const float* hidden, size_t n, float* out);

  /// The k best rows of each hidden state, best first, equal scores by row: their ids, scores, and probabilities among
  /// all rows.
  /// @param ids, scores, probs (n, k); kNoId after the last if scores are NaN and fewer than k remain
  /// Errors: invalid_argument for k above the number of rows.
  Status top_k(Table& table, const float* hidden, size_t n, uint32_t k, uint32_t* ids, float* scores, float* probs);

  /// One row, drawn by a number `u` in [0, 1). Errors: invalid_argument for no rows, or for scores that form no
  /// distribution.
  Status sample(Table& table, const float* hidden, const Sampling& sampling, double u, uint32_t* id);

  /// For each state three numbers: score, max, sum. The log-probability of its target is score - max - ln(sum). @param
  /// out (n, 3) f64
  /// Errors: id_out_of_range.
  Status log_probs(Table& table, const float* hidden, size_t n, const uint32_t* targets, double* out);

 private:
  LanguageModelHead(float scale, float softcap) : scale_(scale), softcap_(softcap) {}
  Status check(const Table& table, const float* hidden, size_t n) const;
  void finish(uint32_t first, uint32_t rows, float* scores) const;

  Block<float> bias_;
  uint32_t bias_rows_ = 0;
  float scale_, softcap_;
  Products products_;
  TopK best_;
  Sampler sampler_;
  Array<SoftmaxDenominator> all_;  // (kVectorGroup)
  Array<float> scores_;
};

}  // namespace wembed
