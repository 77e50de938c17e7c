#include "engine/head.h"

#include <algorithm>
#include <cmath>

#include "engine/kernels.h"

namespace wembed {
namespace {

/// Hidden states that pass over the table together.
constexpr size_t kGroup = 64;

/// Rows whose scores are kept at a time: of one state, and of a group's. Its half, which is how far apart two rows are
/// read, is no power of two: at such distances they would wait for the same parts of memory.
constexpr uint32_t kStrip = 16400, kStripOfMany = 1024;

/// Puts `by` in the place `at` of a heap, or below it: those that are to stand above it move up.
template <class Candidate, class Above>
void sift_down(Candidate* heap, size_t n, size_t at, Candidate by, Above above) {
  for (size_t child; (child = 2 * at + 1) < n; at = child) {
    if (child + 1 < n && above(heap[child + 1], heap[child])) ++child;
    if (!above(heap[child], by)) break;
    heap[at] = heap[child];
  }
  heap[at] = by;
}

template <class Candidate, class Above>
void make_heap(Candidate* heap, size_t n, Above above) {
  for (size_t i = n / 2; i-- > 0;) sift_down(heap, n, i, heap[i], above);
}

float largest_of(const float* x, size_t n) {
  float largest = 0;
  for (size_t i = 0; i < n; ++i) largest = std::max(largest, std::fabs(x[i]));
  return largest;
}

float power_of_two(int exponent) { return float_from_bits(static_cast<uint32_t>(exponent + 127) << 23); }

/// tanh to 4 ulp: near 0, where the quotient would lose its digits, by its series.
float tanh_of(float x) {
  const float size = std::fabs(x);
  if (size < 0.1f) return x * (1 - x * x * (1 / 3.0f - x * x * (2 / 15.0f - x * x * (17 / 315.0f))));
  const float e = exp_of_negative(-2 * size);
  return std::copysign((1 - e) / (1 + e), x);
}

}  // namespace

void Head::Denominator::add(const float* scores, size_t n, float largest) {
  if (largest > max) sum *= exp_of_negative(max - largest);
  max = largest;
  sum += kKernels.exp_sum(scores, n, max);
}

void Head::Denominator::add(const float* scores, size_t n) {
  float largest = max;
  for (size_t i = 0; (i = kKernels.first_above(scores, n, i, largest)) < n;) largest = scores[i];
  add(scores, n, largest);
}

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

// The largest |split| is just below 2^-24 (but for tiny states), by a factor that takes two steps where it is no f32.
void Head::make_split(const float* hidden, uint32_t dim, bool scaled, Hidden* form, float* split) const {
  int exponent = 0;
  if (scaled) {
    const float most = largest_of(hidden, dim);
    exponent = most > 0 ? std::min(14, -25 - std::ilogb(most)) : 14;
  }
  const float once = power_of_two(exponent / 2), twice = power_of_two(exponent - exponent / 2);
  for (uint32_t d = 0; d < dim / 8 * 8; ++d) {
    split[d] = hidden[d / 8 * 8 + (d % 8 < 4 ? d % 4 * 2 : d % 4 * 2 + 1)] * once * twice;
  }
  form->split = split;
  form->split_scale = scaled ? power_of_two(-112 - exponent) : 1;
}

void Head::make_quanta(const float* hidden, uint32_t dim, Hidden* form, int16_t* q) const {
  form->scale = largest_of(hidden, dim) / 32767.0f;
  form->q = q;
  for (uint32_t d = 0; form->scale > 0 && d < dim; ++d) {
    const float quantum = std::nearbyint(hidden[d] / form->scale);
    q[d] = static_cast<int16_t>(quantum > 32767 ? 32767 : quantum < -32767 ? -32767 : quantum);
  }
}

void Head::make_forms(const Table& table, const float* hidden, size_t n) {
  const uint32_t dim = table.dim();
  const size_t whole_blocks = size_t{blocks_per_row(dim)} * kBlock;
  const Dtype dtype = table.view().dtype;
  const bool quantized = dtype == Dtype::i8 || dtype == Dtype::i4;
  hidden_.resize(n, Hidden{});
  if (quantized) quanta_.assign(n * whole_blocks, 0);
  if (dtype == Dtype::f16 || dtype == Dtype::bf16) split_.resize(n * dim);
  for (size_t i = 0; i < n; ++i) {
    hidden_[i] = {};
    hidden_[i].x = hidden + i * dim;
    if (quantized) {
      make_quanta(hidden + i * dim, dim, &hidden_[i], quanta_.data() + i * whole_blocks);
    } else if (dtype != Dtype::f32) {
      make_split(hidden + i * dim, dim, dtype == Dtype::f16, &hidden_[i], split_.data() + i * dim);
    }
  }
  if (n > 1) rows_.resize(5 * whole_blocks);
}

/// out[i × stride + r] = score of row first + r for the state i of hidden_.
void Head::score(Table& table, size_t n, uint32_t first, uint32_t rows, float* out, size_t stride) {
  const TableView& view = table.view_for_scores();
  if (n == 1) {
    kKernels.logits(view, hidden_[0], first, rows, out);
  } else {
    kKernels.logits_many(view, hidden_.data(), n, first, rows, rows_.data(), out, stride);
  }
  for (size_t i = 0; i < n; ++i, out += stride) {
    for (size_t r = 0; !bias_.empty() && r < rows; ++r) out[r] += bias_[first + r];
    for (size_t r = 0; scale_ != 1 && r < rows; ++r) out[r] *= scale_;
    for (size_t r = 0; softcap_ > 0 && r < rows; ++r) out[r] = softcap_ * tanh_of(out[r] / softcap_);
  }
}

/// Calls use(state, first, rows, scores) for all rows of the table, a strip at a time, and all states.
template <class Use>
void Head::for_each_strip(Table& table, const float* hidden, size_t n, Use use) {
  const uint32_t rows = table.view().rows;
  for (size_t begin = 0; begin < n; begin += kGroup) {
    const size_t states = std::min(kGroup, n - begin);
    const uint32_t most = states == 1 ? kStrip : kStripOfMany;
    make_forms(table, hidden + begin * table.dim(), states);
    strip_.resize(states * most);
    for (uint32_t first = 0; first < rows; first += most) {
      const uint32_t count = std::min(most, rows - first);
      score(table, states, first, count, strip_.data(), most);
      for (size_t i = 0; i < states; ++i) use(begin + i, first, count, strip_.data() + i * most);
    }
  }
}

Status Head::logits(Table& table, const float* hidden, size_t n, float* out) {
  const Status status = prepare(table, hidden, n);
  if (!status.ok()) return status;
  const uint32_t rows = table.view().rows;
  make_forms(table, hidden, n);
  score(table, n, 0, rows, out, rows);
  return {};
}

/// Takes a strip's scores into a heap of the k best of all rows before it. @returns the largest, as far as `largest`
/// was it before
float Head::keep_best(Candidate* best, uint32_t k, uint32_t first, uint32_t n, const float* scores,
                      float largest) const {
  uint32_t i = 0;
  for (; first + i < k && i < n; ++i) {
    best[first + i] = {scores[i], first + i};
    largest = std::max(largest, scores[i]);
    if (first + i + 1 == k) make_heap(best, k, worse);
  }
  for (; (i = static_cast<uint32_t>(kKernels.first_above(scores, n, i, best[0].score))) < n; ++i) {
    sift_down(best, k, 0, {scores[i], first + i}, worse);
    largest = std::max(largest, scores[i]);
  }
  return largest;
}

Status Head::top_k(Table& table, const float* hidden, size_t n, uint32_t k, uint32_t* ids, float* scores,
                   float* probs) {
  const Status status = prepare(table, hidden, n);
  if (!status.ok()) return status;
  if (k > table.view().rows)
    return {Code::invalid_argument, "k above the number of rows", double(k), double(table.view().rows)};
  if (k == 0) return {};
  best_.resize(n * k);
  all_.assign(n, Denominator{});
  for_each_strip(table, hidden, n, [&](size_t i, uint32_t first, uint32_t count, const float* strip) {
    all_[i].add(strip, count, keep_best(best_.data() + i * k, k, first, count, strip, all_[i].max));
  });
  for (size_t i = 0; i < n; ++i) {
    Candidate* const best = best_.data() + i * k;
    for (uint32_t left = k; left-- > 0;) {
      const Candidate last = best[left];
      best[left] = best[0];
      sift_down(best, left, 0, last, worse);
    }
    for (uint32_t j = 0; j < k; ++j) {
      *ids++ = best[j].id;
      *scores++ = best[j].score;
      *probs++ = static_cast<float>(exp_of_negative(best[j].score - all_[i].max) / all_[i].sum);
    }
  }
  return {};
}

// The candidates in kept_, best first: a heap of all gives up only as many as are asked for.
void Head::keep_likely(const Sampling& sampling, float max, double sum) {
  best_.resize(scores_.size());
  for (uint32_t i = 0; i < scores_.size(); ++i) best_[i] = {scores_[i], i};
  make_heap(best_.data(), best_.size(), better);
  kept_.clear();
  const auto weight = [&](float score) { return double{exp_of_negative(score - max)}; };
  const auto take = [&] {
    kept_.push_back(best_.front());
    const Candidate last = best_.back();
    best_.pop_back();
    if (!best_.empty()) sift_down(best_.data(), best_.size(), 0, last, better);
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

Status Head::sample(Table& table, const float* hidden, const Sampling& sampling, double u, uint32_t* id) {
  const uint32_t rows = table.view().rows;
  if (rows == 0) return {Code::invalid_argument, "no rows to draw from", 0, 1};
  float score, prob;
  if (sampling.temperature == 0) return top_k(table, hidden, 1, 1, id, &score, &prob);
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

Status Head::log_probs(Table& table, const float* hidden, size_t n, const uint32_t* targets, double* out) {
  const Status status = prepare(table, hidden, n);
  if (!status.ok()) return status;
  for (size_t i = 0; i < n; ++i) {
    if (targets[i] < table.view().rows) continue;
    return {Code::id_out_of_range, "target out of range", double(targets[i]), double(table.view().rows), double(i)};
  }
  all_.assign(n, Denominator{});
  for_each_strip(table, hidden, n, [&](size_t i, uint32_t first, uint32_t count, const float* strip) {
    all_[i].add(strip, count);
    if (targets[i] - first < count) out[3 * i] = strip[targets[i] - first];
  });
  for (size_t i = 0; i < n; ++i) {
    out[3 * i + 1] = all_[i].max;
    out[3 * i + 2] = all_[i].sum;
  }
  return {};
}

}  // namespace wembed
