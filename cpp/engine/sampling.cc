#include "engine/sampling.h"

#include "engine/kernels.h"

namespace wembed {

// Fills kept_ with the candidates, best first: only as many as requested are taken from a heap of all.
void Sampler::keep_likely(const float* scores, uint32_t n, const Sampling& sampling, const SoftmaxDenominator& all) {
  double sum = all.sum;
  heap_.clear();
  heap_.extend(n);
  for (uint32_t i = 0; i < n; ++i) heap_[i] = {scores[i], i};
  make_heap(heap_.data(), n, better);
  kept_.clear();
  const auto weight = [&](float score) { return double{exp_of_negative(score - all.max)}; };
  const auto take = [&] {
    kept_.push_back(heap_.front());
    const Candidate last = heap_.back();
    heap_.pop_back();
    if (!heap_.empty()) sift_down(heap_.data(), heap_.size(), 0, last, better);
    return weight(kept_.back().score);
  };
  if (sampling.top_k > 0) {
    sum = 0;
    while (!heap_.empty() && kept_.size() < sampling.top_k) sum += take();
    heap_.clear();
  }
  double before = 0;
  for (size_t i = 0;; ++i) {
    if (i == kept_.size()) {
      if (heap_.empty()) return;
      take();
    }
    const double own = weight(kept_[i].score);
    if (i > 0 && (before >= double{sampling.top_p} * sum || own < double{sampling.min_p})) return kept_.resize(i);
    before += own;
  }
}

uint32_t Sampler::draw(float* scores, uint32_t n, const Sampling& sampling, double u) {
  for (uint32_t i = 0; i < n; ++i) scores[i] /= sampling.temperature;
  SoftmaxDenominator all;
  all.add(scores, n);
  if (!(all.sum > 0)) return kNoId;
  const bool filtered = sampling.top_k > 0 || sampling.top_p < 1 || sampling.min_p > 0;
  if (filtered) keep_likely(scores, n, sampling, all);
  const size_t count = filtered ? kept_.size() : n;
  const auto candidate = [&](size_t i) { return filtered ? kept_[i] : Candidate{scores[i], static_cast<uint32_t>(i)}; };
  double total = 0;
  for (size_t i = 0; i < count; ++i) total += exp_of_negative(candidate(i).score - all.max);
  double left = u * total;
  uint32_t id = 0;
  for (size_t i = 0; i < count; ++i) {
    const double own = exp_of_negative(candidate(i).score - all.max);
    if (own > 0) id = candidate(i).id;  // rounding may leave something after the last
    left -= own;
    if (left < 0 && own > 0) break;
  }
  return id;
}

}  // namespace wembed
