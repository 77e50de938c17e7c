#pragma once
#include "core/array.h"
#include "core/codes.h"

namespace wembed {

/// A row and its score.
struct Candidate {
  float score;
  uint32_t id;
};

/// The order of results: higher scores first, equal scores by id.
inline bool better(const Candidate& a, const Candidate& b) {
  return a.score > b.score || (a.score == b.score && a.id < b.id);
}
inline bool worse(const Candidate& a, const Candidate& b) { return better(b, a); }

/// Whether a is above b in a heap; the first element of a heap is above all others.
using Order = bool (*)(const Candidate& a, const Candidate& b);

/// Inserts `value` at position `at` of a heap or below; elements that belong above it move up.
void sift_down(Candidate* heap, size_t n, size_t at, Candidate value, Order above);
void make_heap(Candidate* heap, size_t n, Order above);

/// The k best rows for each of several vectors, from scores that arrive in strips of rows. Each vector has a heap whose
/// first element is its worst candidate. Scores that are NaN are left out.
class TopK {
 public:
  void start(size_t vectors, uint32_t k);

  /// Adds the scores of rows first … first + n - 1 for one vector. Strips arrive in the order of the rows.
  /// @param largest  of the scores before, -infinity at first; @returns the largest now
  float take(size_t vector, uint32_t first, uint32_t n, const float* scores, float largest);

  /// Writes one vector's results, best first, after all strips; kNoId fills the end if there are fewer than k.
  /// @param ids, scores  (k)
  void write(size_t vector, uint32_t* ids, float* scores);

  /// Releases the memory of an unusually large k.
  void release_large() { best_.release_large(); }

 private:
  uint32_t k_ = 0;
  Array<Candidate> best_;  // (vectors, k)
  Array<uint32_t> found_;  // (vectors)
};

}  // namespace wembed
