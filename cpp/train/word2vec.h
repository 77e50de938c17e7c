#pragma once
#include <cstdint>
#include <memory>

#include "core/array.h"
#include "core/status.h"
#include "train/huffman.h"
#include "train/logistic_step.h"
#include "train/random.h"
#include "train/word_sampler.h"

namespace wembed::train {

/// gensim's options, by its names.
struct Word2VecSettings {
  uint32_t vector_size = 100;
  uint32_t window = 5;
  uint32_t negative = 5;
  bool sg = false;
  bool hs = false;
  bool cbow_mean = true;
  bool shrink_windows = true;
  double sample = 1e-3;
  double ns_exponent = 0.75;
  uint32_t seed = 1;
};

/// What a batch has learnt.
struct Word2VecProgress {
  double loss = 0;      // -Σ log P
  double examples = 0;  // each a word and its context
  double words = 0;     // those that were not left out
};

/// Word vectors learnt from text: skip-gram and continuous bag of words, with negative sampling or hierarchical softmax
/// (Mikolov et al. 2013), step by step as gensim's train_batch_sg and train_batch_cbow.
class Word2Vec {
 public:
  /// @param counts  (words), each above 0, none above the one before it
  static Status create(const uint32_t* counts, uint32_t words, const Word2VecSettings& settings,
                       std::unique_ptr<Word2Vec>* out);

  /// Forgets what has been learnt: all is as `create` made it.
  void restart();

  /// Learns from a batch of sentences. Random numbers depend on the seed, the epoch and the batch alone.
  /// @param ids   the words of all sentences, each below `words`
  /// @param ends  (sentences) the end of each sentence among the ids; the last is their number
  Status train(const uint32_t* ids, const uint32_t* ends, uint32_t sentences, float alpha, uint32_t epoch,
               uint32_t batch, Word2VecProgress* out);

  /// The vectors, and the rows of the output layers one after the other: (words, stride) each, zeros after a row's
  /// numbers.
  float* vectors() { return vectors_.data(); }
  float* outputs() { return outputs_.data(); }
  uint32_t stride() const { return static_cast<uint32_t>(stride_); }
  /// The number of output layers: one for negative samples, one for the hierarchical softmax, or both.
  uint32_t layers() const { return (settings_.negative ? 1 : 0) + (settings_.hs ? 1 : 0); }

 private:
  Word2Vec(const uint32_t* counts, uint32_t words, const Word2VecSettings& settings);
  void choose_words(const uint32_t* ids, const uint32_t* ends, uint32_t sentences, uint64_t seed, Linear48* random);
  void learn_skip_gram(uint32_t i, uint32_t begin, uint32_t end, Linear48* random, Word2VecProgress* out);
  void learn_bag(uint32_t i, uint32_t begin, uint32_t end, Linear48* random, Word2VecProgress* out);
  void learn(const float* x, uint32_t word, Linear48* random, bool hierarchical, Word2VecProgress* out);
  void step(const float* x, Word2VecProgress* out);
  float* vector(uint32_t word) { return vectors_.data() + size_t{word} * stride_; }
  float* output(uint32_t row) { return outputs_.data() + size_t{row} * stride_; }

  Word2VecSettings settings_;
  uint32_t words_;
  size_t stride_;
  WordSampler sampler_;
  Huffman huffman_;
  SigmoidTable sigmoid_;
  Array<float> vectors_, outputs_;
  float alpha_ = 0;
  // A batch's words that stay, the end of each sentence among them, and how much each word's window is narrowed.
  Array<uint32_t> kept_, ends_, narrowed_;
  Array<float*> rows_;
  Array<float> labels_, change_, bag_;
};

}  // namespace wembed::train
