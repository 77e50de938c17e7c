#include "engine/products.h"

#include <algorithm>

#include "engine/kernels.h"

namespace wembed {

/// Rows whose memory is asked for together.
constexpr size_t kTouched = 32;

Status Products::check(const Table& table, const float* x, size_t n) {
  if (table.by_token()) return {Code::unsupported, "a table of weighted or mapped tokens has no scores"};
  return HiddenStates::check_finite(x, n, table.dim());
}

void Products::set(const Table& table, const float* x, size_t n) {
  states_.set(table.view(), x, n);
  if (n > 1) rows_.resize(5 * size_t{blocks_per_row(table.dim())} * kBlock);
}

/// out[i × stride + r] = the score of row first + r for vector i of states_.
void Products::score(Table& table, uint32_t first, uint32_t rows, float* out, size_t stride) {
  const TableView& view = table.view_for_scores();
  if (states_.size() == 1) {
    kKernels.logits(view, states_.forms()[0], first, rows, out);
  } else {
    kKernels.logits_many(view, states_.forms(), states_.size(), first, rows, rows_.data(), out, stride);
  }
}

void Products::walk(Table& table, const float* x, size_t n, StripUse use, void* to) {
  const uint32_t rows = table.view().rows;
  for (size_t begin = 0; begin < n; begin += kVectorGroup) {
    const size_t count = std::min(size_t{kVectorGroup}, n - begin);
    const uint32_t most = count == 1 ? kStrip : kStripOfMany;
    set(table, x + begin * table.dim(), count);
    strip_.resize(count * most);
    uint32_t taken = 0;
    for (uint32_t first = 0; first < rows; first += taken) {
      taken = std::min(most, rows - first);
      score(table, first, taken, strip_.data(), most);
      for (size_t i = 0; i < count; ++i) use(to, begin + i, first, taken, strip_.data() + i * most);
    }
  }
}

Status Products::all(Table& table, const float* x, size_t n, float* out) {
  const Status status = check(table, x, n);
  if (!status.ok() || n == 0) return status;
  set(table, x, n);
  score(table, 0, table.view().rows, out, table.view().rows);
  return {};
}

/// Reads a byte of each part of some rows: memory is waited for once, not once for each row.
void Products::touch(const TableView& view, const uint32_t* ids, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    const uint8_t* const end = view.row(ids[i] + 1);
    for (const uint8_t* at = view.row(ids[i]); at < end; at += 64) touched_ += *at;
  }
}

Status Products::some(Table& table, const uint32_t* ids, size_t n, const float* x, float* out) {
  const Status status = check(table, x, 1);
  if (!status.ok()) return status;
  const uint32_t rows = table.view().rows;
  for (size_t i = 0; i < n; ++i) {
    if (ids[i] >= rows) return {Code::id_out_of_range, "id out of range", double(ids[i]), double(rows) - 1, double(i)};
  }
  set(table, x, 1);
  for (size_t i = 0; i < n; ++i) {
    if (i % kTouched == 0) touch(table.view(), ids + i, std::min(kTouched, n - i));
    score(table, ids[i], 1, out + i, rows);
  }
  return {};
}

// Cosines whose norm overflowed, or would lose digits, have no inverse norm and are recomputed in f64.
void Products::to_cosines(const Table& table, const float* inverse_norms, const float* x, uint32_t first, uint32_t rows,
                          float* scores) {
  for (uint32_t r = 0; r < rows; ++r) {
    const float inverse = inverse_norms[first + r];
    if (inverse < 0) {
      const uint32_t row = first + r;
      rows_.resize(std::max(rows_.size(), size_t{table.dim()}));
      kKernels.lookup(table.view(), &row, 1, rows_.data());
      scores[r] = kKernels.cosine(rows_.data(), x, table.dim());
    } else {
      scores[r] = std::min(1.0f, std::max(-1.0f, scores[r] * inverse));
    }
  }
}

Status Products::nearest(Table& table, const float* x, size_t n, uint32_t k, Metric metric, uint32_t* ids,
                         float* scores) {
  if (metric > Metric::cosine) return {Code::invalid_argument, "unknown metric", double(metric), kMetricCount - 1};
  const Status status = check(table, x, n);
  if (!status.ok()) return status;
  const uint32_t dim = table.dim();
  const float* const inverse_norms = metric == Metric::cosine ? table.inverse_norms() : nullptr;
  for (size_t begin = 0; begin < n; begin += kVectorGroup) {
    const size_t count = std::min(size_t{kVectorGroup}, n - begin);
    const float* group = x + begin * dim;
    if (inverse_norms) {
      units_.assign(group, count * dim);
      kKernels.normalize(units_.data(), count, dim, 0);
      group = units_.data();
    }
    best_.start(count, k);
    for_each_strip(table, group, count, [&](size_t i, uint32_t first, uint32_t rows, float* strip) {
      if (inverse_norms) to_cosines(table, inverse_norms, group + i * dim, first, rows, strip);
      best_.take(i, first, rows, strip, 0);
    });
    for (size_t i = 0; i < count; ++i, ids += k, scores += k) best_.write(i, ids, scores);
  }
  best_.release_large();
  return {};
}

}  // namespace wembed
