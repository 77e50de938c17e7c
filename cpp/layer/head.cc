#include "layer/head.h"

#include <algorithm>
#include <cmath>

#include "layer/kernels.h"

namespace wembed {
namespace {

constexpr uint32_t kStrip = 4096;

/// tanh to 4 ulp: near 0, where the quotient would lose its digits, by its series.
float tanh_of(float x) {
  const float size = std::fabs(x);
  if (size < 0.1f) return x * (1 - x * x * (1 / 3.0f - x * x * (2 / 15.0f - x * x * (17 / 315.0f))));
  const float e = exp_of_negative(-2 * size);
  return std::copysign((1 - e) / (1 + e), x);
}

/// A softmax's largest score and Σ e^(score - max), carried on from strip to strip.
struct Denominator {
  float max = -INFINITY;
  double sum = 0;

  void add(const float* scores, size_t n) {
    float largest = max;
    for (size_t i = 0; i < n; ++i) largest = scores[i] > largest ? scores[i] : largest;
    if (largest > max) sum *= exp_of_negative(max - largest);
    max = largest;
    sum += kKernels.exp_sum(scores, n, max);
  }
};

}  // namespace

Head::Head(const float* bias, uint32_t rows, float scale, float softcap) : scale_(scale), softcap_(softcap) {
  if (bias) bias_.assign(bias, rows);
}

Status Head::prepare(const Table& table, const float* hidden, size_t n) {
  const size_t numbers = n * table.dim();
  for (size_t i = 0; i < numbers; ++i) {
    if (!std::isfinite(hidden[i]))
      return {Code::invalid_argument, "a hidden state that is not finite", hidden[i], 0, double(i)};
  }
  if (!bias_.empty() && bias_.size() != table.view().rows) {
    return {Code::shape_mismatch, "a bias for another number of rows", double(bias_.size()), double(table.view().rows)};
  }
  return {};
}

void Head::make_forms(const Table& table, const float* hidden) {
  const uint32_t dim = table.dim();
  hidden_ = {};
  hidden_.x = hidden;
  const Dtype dtype = table.view().dtype;
  if (dtype == Dtype::f32 || dtype == Dtype::bf16) return;
  float most = 0;
  for (uint32_t d = 0; d < dim; ++d) most = std::max(most, std::fabs(hidden[d]));
  if (dtype == Dtype::f16) {
    while (most / hidden_.large_factor >= 16384) hidden_.large_factor *= 2;
    large_.resize(dim);
    for (uint32_t d = 0; d < dim; ++d)
      large_[d] = hidden[d] / hidden_.large_factor * float_from_bits(0x77800000);  // 2^112
    hidden_.large = large_.data();
    return;
  }
  hidden_.scale = most / static_cast<float>(largest_hidden_quantum(dim));
  quanta_.resize(size_t{blocks_per_row(dim)} * kBlock);
  std::fill(quanta_.begin(), quanta_.end(), int16_t{0});
  for (uint32_t d = 0; hidden_.scale > 0 && d < dim; ++d) {
    const float q = std::nearbyint(hidden[d] / hidden_.scale);
    quanta_[d] = static_cast<int16_t>(q > 32767 ? 32767 : q < -32767 ? -32767 : q);
  }
  hidden_.q = quanta_.data();
}

void Head::finish(uint32_t first, size_t n, float* scores) const {
  if (!bias_.empty()) {
    for (size_t i = 0; i < n; ++i) scores[i] += bias_[first + i];
  }
  if (scale_ != 1) {
    for (size_t i = 0; i < n; ++i) scores[i] *= scale_;
  }
  for (size_t i = 0; softcap_ > 0 && i < n; ++i) scores[i] = softcap_ * tanh_of(scores[i] / softcap_);
}

template <class Use>
void Head::for_each_strip(const Table& table, const float* hidden, Use use) {
  make_forms(table, hidden);
  strip_.resize(kStrip);
  const uint32_t rows = table.view().rows;
  for (uint32_t first = 0; first < rows; first += kStrip) {
    const uint32_t n = std::min(kStrip, rows - first);
    kKernels.logits(table.view(), hidden_, first, n, strip_.data());
    finish(first, n, strip_.data());
    use(first, n, strip_.data());
  }
}

Status Head::logits(const Table& table, const float* hidden, size_t n, float* out) {
  const Status status = prepare(table, hidden, n);
  if (!status.ok()) return status;
  const uint32_t rows = table.view().rows;
  if (n == 1) {
    make_forms(table, hidden);
    kKernels.logits(table.view(), hidden_, 0, rows, out);
  } else {
    rows_.resize(size_t{4} * table.dim());
    kKernels.logits_many(table.view(), hidden, n, 0, rows, rows_.data(), out, rows);
  }
  for (size_t i = 0; i < n; ++i) finish(0, rows, out + i * rows);
  return {};
}

Status Head::top_k(const Table& table, const float* hidden, uint32_t k, uint32_t* ids, float* scores, float* probs) {
  const Status status = prepare(table, hidden, 1);
  if (!status.ok()) return status;
  if (k > table.view().rows)
    return {Code::invalid_argument, "k above the number of rows", double(k), double(table.view().rows)};
  best_.clear();
  Denominator all;
  for_each_strip(table, hidden, [&](uint32_t first, uint32_t n, const float* strip) {
    all.add(strip, n);
    for (uint32_t i = 0; i < n; ++i) {
      const Candidate candidate{strip[i], first + i};
      if (best_.size() < k) {
        best_.push_back(candidate);
        std::push_heap(best_.begin(), best_.end(), better);
      } else if (k > 0 && candidate.score > best_[0].score) {
        std::pop_heap(best_.begin(), best_.end(), better);
        best_.back() = candidate;
        std::push_heap(best_.begin(), best_.end(), better);
      }
    }
  });
  std::sort_heap(best_.begin(), best_.end(), better);
  for (uint32_t i = 0; i < k; ++i) {
    ids[i] = best_[i].id;
    scores[i] = best_[i].score;
    probs[i] = static_cast<float>(exp_of_negative(best_[i].score - all.max) / all.sum);
  }
  return {};
}

// The candidates in kept_, best first: a heap of all gives up only as many as are asked for.
void Head::keep_likely(const Sampling& sampling, float max, double sum) {
  const auto worse = [](const Candidate& a, const Candidate& b) { return better(b, a); };
  best_.resize(scores_.size());
  for (uint32_t i = 0; i < scores_.size(); ++i) best_[i] = {scores_[i], i};
  std::make_heap(best_.begin(), best_.end(), worse);
  kept_.clear();
  const auto weight = [&](float score) { return double{exp_of_negative(score - max)}; };
  const auto take = [&] {
    std::pop_heap(best_.begin(), best_.end(), worse);
    kept_.push_back(best_.back());
    best_.pop_back();
    return weight(kept_.back().score);
  };
  if (sampling.top_k > 0) {
    sum = 0;
    while (!best_.empty() && kept_.size() < sampling.top_k) sum += take();
    best_.clear();
  }
  double before = 0;
  for (size_t i = 0;; ++i) {
    if (i == kept_.size()) {
      if (best_.empty()) return;
      take();
    }
    const double own = weight(kept_[i].score);
    if (i > 0 && (before >= double{sampling.top_p} * sum || own < double{sampling.min_p})) return kept_.resize(i);
    before += own;
  }
}

Status Head::sample(const Table& table, const float* hidden, const Sampling& sampling, double u, uint32_t* id) {
  const uint32_t rows = table.view().rows;
  if (rows == 0) return {Code::invalid_argument, "no rows to draw from", 0, 1};
  float score, prob;
  if (sampling.temperature == 0) return top_k(table, hidden, 1, id, &score, &prob);
  scores_.resize(rows);
  const Status status = logits(table, hidden, 1, scores_.data());
  if (!status.ok()) return status;
  for (float& value : scores_) value /= sampling.temperature;
  Denominator all;
  all.add(scores_.data(), rows);
  const bool filtered = sampling.top_k > 0 || sampling.top_p < 1 || sampling.min_p > 0;
  if (filtered) keep_likely(sampling, all.max, all.sum);
  const size_t n = filtered ? kept_.size() : rows;
  const auto candidate = [&](size_t i) {
    return filtered ? kept_[i] : Candidate{scores_[i], static_cast<uint32_t>(i)};
  };
  double total = 0;
  for (size_t i = 0; i < n; ++i) total += exp_of_negative(candidate(i).score - all.max);
  double left = u * total;
  for (size_t i = 0; i < n; ++i) {
    const double own = exp_of_negative(candidate(i).score - all.max);
    if (own > 0) *id = candidate(i).id;  // rounding may leave something after the last
    left -= own;
    if (left < 0 && own > 0) return {};
  }
  return {};
}

Status Head::log_probs(const Table& table, const float* hidden, size_t n, const uint32_t* targets, double* out) {
  const Status status = prepare(table, hidden, n);
  if (!status.ok()) return status;
  for (size_t i = 0; i < n; ++i) {
    if (targets[i] < table.view().rows) continue;
    return {Code::id_out_of_range, "target out of range", double(targets[i]), double(table.view().rows), double(i)};
  }
  for (size_t i = 0; i < n; ++i, out += 3) {
    Denominator all;
    for_each_strip(table, hidden + i * table.dim(), [&](uint32_t first, uint32_t count, const float* strip) {
      all.add(strip, count);
      if (targets[i] - first < count) out[0] = strip[targets[i] - first];
    });
    out[1] = all.max;
    out[2] = all.sum;
  }
  return {};
}

}  // namespace wembed
