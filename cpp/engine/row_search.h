#pragma once
#include "engine/best_rows.h"
#include "engine/hidden_states.h"
#include "engine/table.h"

namespace wembed {

/// Finds the rows of several tables that have the highest scores with one vector: the core of a vector index. Holds the
/// searches' working memory.
class RowSearch {
 public:
  /// Begins a search for the k highest scores.
  /// @param cosine  scores beyond -1 and 1, which rounding makes, become these
  void start(uint32_t k, bool cosine);

  /// Scores the first n rows of a table: the numbers that Products::all gives. Scores that are NaN or -infinity are
  /// left out.
  /// @param x       (dim) f32
  /// @param scales  (n) what each score is multiplied by, or null
  /// @param live    (n) 1 for rows that may be found, 0 for others
  /// @param first   the number of the table's first row in the results
  /// Errors: those of Products::check; shape_mismatch for more rows than the table has.
  Status take(Table& table, const float* x, uint32_t n, const float* scales, const uint8_t* live, uint32_t first);

  /// See BestRows.
  const Array<Candidate>& found() {
    scores_.release_large();
    return best_.found();
  }

 private:
  HiddenStates states_;
  BestRows best_;
  bool any_ = false, cosine_ = false;
  Array<float> scores_;
};

}  // namespace wembed
