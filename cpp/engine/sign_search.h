#pragma once
#include "engine/best_rows.h"

namespace wembed {

/// Searches rows by two bits of each of their numbers, which stand in blocks of kSignRows rows: first by how many signs
/// differ from the query's; of those that differ in few, by Σ x[d] × level[d] × Σ row[d]² ÷ Σ row[d] × level[d],
/// which estimates the product. A level is a number in two bits: ±½, or ±1½ of one that is larger than the root of
/// their mean square; the query's numbers are rounded to 16 steps, so that bits are compared only. Rows and queries are
/// rotated before, by which every bit says equally much (Gao and Long 2024, "RaBitQ"). Holds the searches' working
/// memory.
class SignSearch {
 public:
  /// Rotates a vector, always in the same way: products of two vectors stay as they are. Numbers change their signs by
  /// a fixed pattern and are transformed by kernels/hadamard.h: the first 2^k, then the last 2^k, 2^k ≤ dim, and again.
  static void rotate(float* x, uint32_t dim);

  /// Finds the bits of rows, or of a query.
  /// @param x        (n, dim) rotated here
  /// @param signs    (n, bytes), bytes: dim bits rounded up to a multiple of 16 bytes, zeros at the end; 1: above zero
  /// @param details  (n, bytes + 4) of each row: its second bits, by which a level is ±1 ± ½ (1: +½), zeros at the end;
  ///                 f32 Σ row[d]² ÷ Σ row[d] × level[d], 0 for a row of zeros
  static void store(float* x, uint32_t n, uint32_t dim, uint8_t* signs, uint8_t* details);

  /// Begins a search.
  /// @param dim   numbers of a row
  /// @param most  how many rows' second score is worked out, at least: of all that differ in as few signs as so many
  /// do,
  ///              or in somewhat more, which a few rows of each block tell
  void start(uint32_t dim, uint32_t most);

  /// Adds the next block of rows. Every block but the last has kSignRows rows.
  /// @param signs, details  of `store`
  /// @param x        (bytes) the query's signs
  /// @param live     (n) 1 for rows that may be found, 0 for others
  void take(const uint8_t* signs, const uint8_t* details, uint32_t n, const uint8_t* x, const uint8_t* live);

  /// The rows with the highest second score, with it: see BestRows.
  /// Numerics: a number x counts as 2 × min(15, ⌊8x/m + 8⌋) - 15, m being the largest |x|, a level as twice what it is;
  /// sums are exact.
  /// @param x     (dim) the query, rotated
  /// @param k  how many rows, > 0
  const Array<Candidate>& best(const float* x, uint32_t k);

 private:
  struct Block {
    const uint8_t *signs, *details, *live;
    uint32_t rows;
  };
  uint32_t likely_limit(double wanted);
  void find_near(uint32_t limit);
  void set_planes(const float* x);
  const uint8_t* signs_of(uint32_t row) const;
  const uint8_t* details_of(uint32_t row) const;
  float score_of(uint32_t row) const;

  uint32_t dim_ = 0, most_ = 0;
  size_t bytes_ = 0;  // of a row
  const uint8_t* x_ = nullptr;
  Array<Block> blocks_;
  Array<uint32_t> counts_;  // (dim + 1) of the rows that are looked at first, by distance
  Array<uint32_t> near_;    // rows that differ in few signs
  Array<uint32_t> distances_;
  Array<uint64_t> planes_;  // (bytes / 8, kPlanes) a bit of each of the query's rounded numbers
  BestRows best_;
  uint32_t touched_ = 0;
};

}  // namespace wembed
