#include "engine/row_search.h"

#include <cmath>

#include "engine/kernels.h"
#include "engine/products.h"

namespace wembed {

void RowSearch::start(uint32_t k, bool cosine) {
  any_ = k > 0;
  cosine_ = cosine;
  best_.start(k, cosine ? -1 : -INFINITY);
}

Status RowSearch::take(Table& table, const float* x, uint32_t n, const float* scales, const uint8_t* live,
                       uint32_t first) {
  const Status status = Products::check(table, x, 1);
  if (!status.ok()) return status;
  const TableView& view = table.view_for_scores();
  if (n > view.rows) return {Code::shape_mismatch, "rows beyond the last", double(n), double(view.rows)};
  if (!any_) return {};
  states_.set(view, x, 1);
  if (scores_.size() < n) scores_.resize(n);
  float* const scores = scores_.data();
  kKernels.logits(view, states_.forms()[0], 0, n, scores);
  if (scales) kKernels.scale_rows(scores, scales, n);
  for (uint32_t i = 0; (i = static_cast<uint32_t>(kKernels.first_above(scores, n, i, best_.limit()))) < n; ++i) {
    if (!live[i]) continue;
    float score = scores[i];
    if (cosine_ && score > 1) score = 1;
    if (cosine_ && score < -1) score = -1;
    best_.add(score, first + i);
  }
  return {};
}

}  // namespace wembed
