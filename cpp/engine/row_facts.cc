#include "engine/row_facts.h"

#include <cmath>

#include "engine/kernels.h"

namespace wembed {

void RowFacts::add_small_halves(TableView* view) {
  if (!known_halves_) {
    const size_t columns = view->dim / 8 * 8, most = view->dim / 32;
    small_starts_.resize(size_t{view->rows} + 1);
    small_columns_.clear();
    for (uint32_t r = 0; r < view->rows; ++r) {
      const size_t begin = small_columns_.size();
      uint16_t* to = small_columns_.extend(most + 8);
      size_t found = columns <= kManySmall ? kKernels.small_halves(view->row(r), columns, most, to) : most + 1;
      if (found > most) {
        to[0] = kManySmall;
        found = 1;
      }
      small_columns_.resize(begin + found);
      small_starts_[r + 1] = static_cast<uint32_t>(small_columns_.size());
    }
    known_halves_ = true;
  }
  view->small_starts = small_starts_.data();
  view->small_columns = small_columns_.data();
}

const float* RowFacts::inverse_norms(const TableView& view) {
  if (known_norms_) return inverse_norms_.data();
  Array<float> row(view.dim);
  inverse_norms_.clear();
  inverse_norms_.extend(view.rows);
  for (uint32_t r = 0; r < view.rows; ++r) {
    kKernels.lookup(view, &r, 1, row.data());
    const float square = kKernels.dot(row.data(), row.data(), view.dim);
    inverse_norms_[r] = square > 1e-30f && square < 1e30f ? 1 / std::sqrt(square) : -1;
  }
  known_norms_ = true;
  return inverse_norms_.data();
}

}  // namespace wembed
