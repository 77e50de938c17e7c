#pragma once
#include "core/array.h"
#include "core/view.h"

namespace wembed {

/// Facts about a table's rows that scores need: computed on first use, and dropped when the table is written to.
class RowFacts {
 public:
  void forget() { known_halves_ = known_norms_ = false; }

  /// Fills in the positions of the small halves of an f16 table (core/view.h).
  void add_small_halves(TableView* view);

  /// (rows) 1 / the norm of each row; -1 for a row that is zero, contains a NaN or an infinity, or whose square is too
  /// large or too small for f32.
  const float* inverse_norms(const TableView& view);

 private:
  bool known_halves_ = false, known_norms_ = false;
  Array<uint32_t> small_starts_;
  Array<uint16_t> small_columns_;
  Array<float> inverse_norms_;
};

}  // namespace wembed
