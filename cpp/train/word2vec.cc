#include "train/word2vec.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>

#include "train/train_kernels.h"

namespace wembed::train {
namespace {

constexpr uint32_t kMostNegative = 1000;

Status check(const uint32_t* counts, uint32_t words, const Word2VecSettings& settings) {
  const auto& [size, window, negative, sg, hs, mean, shrink, sample, exponent, seed] = settings;
  if (words < 2) return {Code::invalid_argument, "at least two words are needed", double(words), 2};
  if (size == 0) return {Code::invalid_argument, "vectors need a number at least", 0, 1};
  if (window == 0 || window > INT32_MAX / 2) return {Code::invalid_argument, "window", double(window), INT32_MAX / 2};
  if (negative > kMostNegative) return {Code::invalid_argument, "negative samples", double(negative), kMostNegative};
  if (negative == 0 && !hs) return {Code::invalid_argument, "neither negative samples nor hs", 0, 1};
  if (!(sample >= 0) || !std::isfinite(sample)) return {Code::invalid_argument, "sample", sample, 0};
  if (!std::isfinite(exponent)) return {Code::invalid_argument, "ns_exponent", exponent, 0};
  const uint64_t bytes = uint64_t{words} * padded(size) * sizeof(float) * (1 + (negative ? 1 : 0) + (hs ? 1 : 0));
  if (bytes > UINT32_MAX / 2) return {Code::out_of_memory, "no memory for this many bytes", double(bytes), UINT32_MAX};
  for (uint32_t w = 0; w < words; ++w) {
    if (counts[w] == 0) return {Code::invalid_argument, "a word's count must be above 0", 0, 1, double(w)};
    if (w > 0 && counts[w] > counts[w - 1]) {
      return {Code::invalid_argument, "counts must not rise", double(counts[w]), double(counts[w - 1]), double(w)};
    }
  }
  return {};
}

/// The seed of a batch: different for each epoch and batch, whatever was trained before.
uint64_t seed_of(uint32_t seed, uint32_t epoch, uint32_t batch) {
  return SplitMix(SplitMix((uint64_t{seed} << 32) | epoch).next() + batch).next();
}

}  // namespace

SigmoidTable::SigmoidTable() {
  for (int i = 0; i < kSigmoidSteps; ++i) {
    const float e = static_cast<float>(std::exp((static_cast<float>(i) / kSigmoidSteps * 2 - 1) * kMostDot));
    value[i] = e / (e + 1);
    log[i] = static_cast<float>(std::log(value[i]));
  }
}

Status Word2Vec::create(const uint32_t* counts, uint32_t words, const Word2VecSettings& settings,
                        std::unique_ptr<Word2Vec>* out) {
  const Status status = check(counts, words, settings);
  if (!status.ok()) return status;
  // Asked for at once and given back: an allocation that fails in a constructor would leave what was made before it.
  const size_t layers = 1 + (settings.negative ? 1 : 0) + (settings.hs ? 1 : 0);
  const size_t bytes = words * (padded(settings.vector_size) * layers + 16) * sizeof(float);
  void* const room = std::malloc(bytes);
  if (!room) return {Code::out_of_memory, "no memory for this many bytes", double(bytes), UINT32_MAX};
  std::free(room);
  out->reset(new Word2Vec(counts, words, settings));
  return {};
}

Word2Vec::Word2Vec(const uint32_t* counts, uint32_t words, const Word2VecSettings& settings)
    : settings_(settings),
      words_(words),
      stride_(padded(settings.vector_size)),
      sampler_(counts, words, settings.sample, settings.ns_exponent),
      vectors_(words * stride_),
      outputs_(words * stride_ * ((settings.negative ? 1 : 0) + (settings.hs ? 1 : 0))),
      change_(stride_),
      bag_(stride_) {
  if (settings.hs) huffman_ = Huffman(counts, words);
  restart();
}

void Word2Vec::restart() {
  std::memset(outputs_.data(), 0, outputs_.size() * sizeof(float));
  SplitMix random(settings_.seed);
  const float size = static_cast<float>(settings_.vector_size);
  for (uint32_t w = 0; w < words_; ++w) {
    float* row = vector(w);
    for (uint32_t d = 0; d < settings_.vector_size; ++d) row[d] = (random.number() * 2 - 1) / size;
  }
}

void Word2Vec::choose_words(const uint32_t* ids, const uint32_t* ends, uint32_t sentences, uint64_t seed,
                            Linear48* random) {
  kept_.clear();
  ends_.clear();
  narrowed_.clear();
  uint32_t i = 0;
  for (uint32_t s = 0; s < sentences; ++s) {
    for (; i < ends[s]; ++i) {
      if (!sampler_.leaves_out() || sampler_.keeps(ids[i], random->next())) kept_.push_back(ids[i]);
    }
    ends_.push_back(static_cast<uint32_t>(kept_.size()));
  }
  narrowed_.resize(kept_.size());
  if (!settings_.shrink_windows) return;
  SplitMix windows(seed);
  for (uint32_t& each : narrowed_) each = windows.below(settings_.window);
}

Status Word2Vec::train(const uint32_t* ids, const uint32_t* ends, uint32_t sentences, float alpha, uint32_t epoch,
                       uint32_t batch, Word2VecProgress* out) {
  for (uint32_t s = 0; s < sentences; ++s) {
    if (s > 0 && ends[s] < ends[s - 1]) {
      return {Code::shape_mismatch, "ends must not decrease", double(ends[s]), double(ends[s - 1]), double(s)};
    }
  }
  const uint32_t n = sentences ? ends[sentences - 1] : 0;
  for (uint32_t i = 0; i < n; ++i) {
    if (ids[i] >= words_) return {Code::id_out_of_range, "id out of range", double(ids[i]), double(words_), double(i)};
  }
  *out = {};
  alpha_ = alpha;
  const uint64_t seed = seed_of(settings_.seed, epoch, batch);
  Linear48 random(seed);
  choose_words(ids, ends, sentences, seed, &random);
  out->words = static_cast<double>(kept_.size());
  uint32_t begin = 0;
  for (const uint32_t end : ends_) {
    for (uint32_t i = begin; i < end; ++i) {
      const uint32_t reach = settings_.window - narrowed_[i];
      const uint32_t from = i - begin > reach ? i - reach : begin, to = end - i > reach + 1 ? i + reach + 1 : end;
      if (settings_.sg) {
        learn_skip_gram(i, from, to, &random, out);
      } else {
        learn_bag(i, from, to, &random, out);
      }
    }
    begin = end;
  }
  return {};
}

/// Each word of the context is to predict word i.
void Word2Vec::learn_skip_gram(uint32_t i, uint32_t begin, uint32_t end, Linear48* random, Word2VecProgress* out) {
  for (uint32_t j = begin; j < end; ++j) {
    if (j == i) continue;
    float* x = vector(kept_[j]);
    for (const bool hierarchical : {true, false}) {
      if (hierarchical ? !settings_.hs : !settings_.negative) continue;
      std::memset(change_.data(), 0, stride_ * sizeof(float));
      learn(x, kept_[i], random, hierarchical, out);
      kTrainKernels.add_scaled(x, change_.data(), 1, stride_);
    }
    out->examples += 1;
  }
}

/// The mean, or sum, of the context is to predict word i.
void Word2Vec::learn_bag(uint32_t i, uint32_t begin, uint32_t end, Linear48* random, Word2VecProgress* out) {
  const float count = static_cast<float>(end - begin - 1);
  const float share = count > 0 ? 1 / count : 1;
  for (const bool hierarchical : {true, false}) {
    if (hierarchical ? !settings_.hs : !settings_.negative) continue;
    std::memset(bag_.data(), 0, stride_ * sizeof(float));
    std::memset(change_.data(), 0, stride_ * sizeof(float));
    for (uint32_t j = begin; j < end; ++j) {
      if (j != i) kTrainKernels.add_scaled(bag_.data(), vector(kept_[j]), 1, stride_);
    }
    if (settings_.cbow_mean) kTrainKernels.scale(bag_.data(), share, stride_);
    learn(bag_.data(), kept_[i], random, hierarchical, out);
    if (!settings_.cbow_mean) kTrainKernels.scale(change_.data(), share, stride_);
    for (uint32_t j = begin; j < end; ++j) {
      if (j != i) kTrainKernels.add_scaled(vector(kept_[j]), change_.data(), 1, stride_);
    }
  }
  out->examples += 1;
}

/// x is to predict the word: its change is added to change_, that of the output rows is made at once.
void Word2Vec::learn(const float* x, uint32_t word, Linear48* random, bool hierarchical, Word2VecProgress* out) {
  rows_.clear();
  if (hierarchical) {
    const uint32_t* nodes = huffman_.nodes(word);
    const uint32_t n = huffman_.length(word), first = settings_.negative ? words_ : 0;
    for (uint32_t k = 0; k < n; ++k) rows_.push_back(output(first + nodes[k]));
    out->loss += kTrainKernels.logistic_step(sigmoid_, x, rows_.data(), huffman_.labels(word), n, stride_, alpha_,
                                             change_.data());
    return;
  }
  float* const own = output(word);
  labels_.clear();
  rows_.push_back(own);
  labels_.push_back(1);
  for (uint32_t k = 0; k < settings_.negative; ++k) {
    float* const row = output(sampler_.draw(random->next()));
    if (row == own) continue;
    bool again = false;
    for (const float* each : rows_) again |= each == row;
    if (again) step(x, out);  // a row that is drawn twice is changed by the first before the second
    rows_.push_back(row);
    labels_.push_back(0);
  }
  step(x, out);
}

/// Learns from the rows chosen so far, all different.
void Word2Vec::step(const float* x, Word2VecProgress* out) {
  out->loss += kTrainKernels.logistic_step(sigmoid_, x, rows_.data(), labels_.data(), rows_.size(), stride_, alpha_,
                                           change_.data());
  rows_.clear();
  labels_.clear();
}

}  // namespace wembed::train
