#include "engine/language_model_head.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>
#include <utility>

#include "engine/kernels.h"

namespace wembed {
namespace {

/// tanh to 4 ulp. Near 0, where the quotient would lose digits, it is computed by its series.
float tanh_of(float x) {
  const float size = std::fabs(x);
  if (size < 0.1f) return x * (1 - x * x * (1 / 3.0f - x * x * (2 / 15.0f - x * x * (17 / 315.0f))));
  const float e = exp_of_negative(-2 * size);
  return std::copysign((1 - e) / (1 + e), x);
}

Status no_distribution() { return {Code::invalid_argument, "scores that are NaN or infinite cannot be drawn from"}; }

}  // namespace

Status LanguageModelHead::create(const float* bias, uint32_t rows, float scale, float softcap,
                                 std::unique_ptr<LanguageModelHead>* head) {
  const size_t bytes = bias ? size_t{rows} * sizeof(float) : 0;
  std::unique_ptr<LanguageModelHead> made(new (std::nothrow) LanguageModelHead(scale, softcap));
  if (made && bias) made->bias_.reset(static_cast<float*>(std::malloc(bytes ? bytes : 1)));
  if (!made || (bias && !made->bias_)) return {Code::out_of_memory, "no memory for a head's bias", double(bytes)};
  if (bias) std::memcpy(made->bias_.get(), bias, bytes);
  made->bias_rows_ = rows;
  *head = std::move(made);
  return {};
}

Status LanguageModelHead::check(const Table& table, const float* hidden, size_t n) const {
  const Status status = Products::check(table, hidden, n);
  if (!status.ok() || !bias_ || bias_rows_ == table.view().rows) return status;
  return {Code::shape_mismatch, "a bias for another number of rows", double(bias_rows_), double(table.view().rows)};
}

/// Turns the products with rows first, first + 1, … into scores.
void LanguageModelHead::finish(uint32_t first, uint32_t rows, float* scores) const {
  for (size_t r = 0; bias_ && r < rows; ++r) scores[r] += bias_.get()[first + r];
  for (size_t r = 0; scale_ != 1 && r < rows; ++r) scores[r] *= scale_;
  for (size_t r = 0; softcap_ > 0 && r < rows; ++r) scores[r] = softcap_ * tanh_of(scores[r] / softcap_);
}

Status LanguageModelHead::logits(Table& table, const float* hidden, size_t n, float* out) {
  Status status = check(table, hidden, n);
  if (status.ok()) status = products_.all(table, hidden, n, out);
  const uint32_t rows = table.view().rows;
  for (size_t i = 0; status.ok() && i < n; ++i) finish(0, rows, out + i * rows);
  return status;
}

Status LanguageModelHead::top_k(Table& table, const float* hidden, size_t n, uint32_t k, uint32_t* ids, float* scores,
                                float* probs) {
  const Status status = check(table, hidden, n);
  if (!status.ok()) return status;
  if (k > table.view().rows)
    return {Code::invalid_argument, "k above the number of rows", double(k), double(table.view().rows)};
  if (k == 0) return {};
  const uint32_t dim = table.dim();
  for (size_t begin = 0, count; begin < n; begin += count, hidden += count * dim) {
    count = std::min(size_t{kVectorGroup}, n - begin);
    best_.start(count, k);
    all_.assign(count, SoftmaxDenominator{});
    products_.for_each_strip(table, hidden, count, [&](size_t i, uint32_t first, uint32_t rows, float* strip) {
      finish(first, rows, strip);
      all_[i].add(strip, rows, best_.take(i, first, rows, strip, all_[i].max));
    });
    for (size_t i = 0; i < count; ++i, ids += k, scores += k) {
      best_.write(i, ids, scores);
      for (uint32_t j = 0; j < k; ++j) *probs++ = all_[i].probability(scores[j]);
    }
  }
  best_.release_large();
  return {};
}

Status LanguageModelHead::sample(Table& table, const float* hidden, const Sampling& sampling, double u, uint32_t* id) {
  const uint32_t rows = table.view().rows;
  if (rows == 0) return {Code::invalid_argument, "no rows to draw from", 0, 1};
  Status status;
  if (sampling.temperature == 0) {
    float score, prob;
    status = top_k(table, hidden, 1, 1, id, &score, &prob);
  } else {
    scores_.resize(rows);
    status = logits(table, hidden, 1, scores_.data());
    if (status.ok()) *id = sampler_.draw(scores_.data(), rows, sampling, u);
  }
  return status.ok() && *id == kNoId ? no_distribution() : status;
}

Status LanguageModelHead::log_probs(Table& table, const float* hidden, size_t n, const uint32_t* targets, double* out) {
  const Status status = check(table, hidden, n);
  if (!status.ok()) return status;
  for (size_t i = 0; i < n; ++i) {
    if (targets[i] < table.view().rows) continue;
    return {Code::id_out_of_range, "target out of range", double(targets[i]), double(table.view().rows), double(i)};
  }
  // Each state's max and sum are accumulated in `out` itself.
  for (size_t i = 0; i < n; ++i) {
    out[3 * i + 1] = -INFINITY;
    out[3 * i + 2] = 0;
  }
  products_.for_each_strip(table, hidden, n, [&](size_t i, uint32_t first, uint32_t rows, float* strip) {
    finish(first, rows, strip);
    double* const of = out + 3 * i;
    SoftmaxDenominator all{static_cast<float>(of[1]), of[2]};
    all.add(strip, rows);
    of[1] = all.max;
    of[2] = all.sum;
    if (targets[i] - first < rows) of[0] = strip[targets[i] - first];
  });
  return {};
}

}  // namespace wembed
