#pragma once
#include "engine/top_k.h"

namespace wembed {

/// The rows with the highest scores, and all whose scores equal the least of those, so that equal scores can be put in
/// any order afterwards. Holds the searches' working memory.
class BestRows {
 public:
  /// Begins a search for the k highest scores, k > 0.
  /// @param lowest  the lowest score that there can be
  void start(uint32_t k, float lowest);

  /// Only rows with scores above it can be among the best.
  float limit() const { return limit_; }

  /// Adds a row with a score above the limit. Rows arrive in their order.
  void add(float score, uint32_t id);

  /// All rows so far with a score of at least the k-th highest, in their order. Valid until the next call.
  const Array<Candidate>& found();

 private:
  void drop_worse();

  uint32_t k_ = 0;
  float lowest_ = 0, limit_ = 0;
  size_t room_ = 0;        // of found_, before those that fell below the limit are dropped
  Array<Candidate> best_;  // a heap of k, the worst first
  Array<Candidate> found_;
};

}  // namespace wembed
