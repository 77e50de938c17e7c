#pragma once
#include "engine/best_rows.h"

namespace wembed {

/// Searches rows by the signs of their numbers, a bit each (1: above zero), which stand in blocks of kSignRows rows:
/// first by how many signs differ from the query's; of the rows that differ least, by Σ ±x[d] × Σ row[d]² ÷ Σ |row[d]|,
/// the signs being the row's, which estimates the product. Rows and queries are rotated before, by which every sign
/// says equally much (Gao and Long 2024, "RaBitQ"). Holds the searches' working memory.
class SignSearch {
 public:
  /// Rotates a vector, always in the same way: products of two vectors stay as they are. Numbers change their signs by
  /// a fixed pattern and are transformed by kernels/hadamard.h: the first 2^k, then the last 2^k, 2^k ≤ dim, and again.
  static void rotate(float* x, uint32_t dim);

  /// Finds the signs and factors of rows, or of a query.
  /// @param x        (n, dim) rotated here
  /// @param signs    (n, bytes), bytes: dim bits rounded up to a multiple of 16 bytes, zeros at the end
  /// @param factors  (n) Σ row[d]² ÷ Σ |row[d]|; 0 for a row of zeros
  static void store(float* x, uint32_t n, uint32_t dim, uint8_t* signs, float* factors);

  /// Begins a search.
  /// @param dim   numbers of a row
  /// @param most  rows whose second score is worked out
  void start(uint32_t dim, uint32_t most);

  /// Compares the next block with a query. Every block but the last has kSignRows rows.
  /// @param signs, factors  of `store`
  /// @param x        (bytes) the query's signs
  /// @param live     (n) 1 for rows that may be found, 0 for others
  void take(const uint8_t* signs, const float* factors, uint32_t n, const uint8_t* x, const uint8_t* live);

  /// The rows with the highest second score of those that differ least, with it: see BestRows.
  /// Numerics: f32 sums, |error| ≤ (dim / 8 + 16)·2^-24·Σ|x|·factor.
  /// @param x     (dim) the query, rotated
  /// @param k  how many rows, > 0
  const Array<Candidate>& best(const float* x, uint32_t k);

 private:
  struct Block {
    const uint8_t* signs;
    const float* factors;
  };
  struct Near {
    uint32_t row, distance;
  };
  void drop_distant();
  void set_sums(const float* x);
  void touch(size_t begin);
  float score_of(uint32_t row) const;

  uint32_t dim_ = 0, most_ = 0;
  size_t bytes_ = 0;    // of a row
  uint32_t limit_ = 0;  // rows that differ in fewer signs may be among those that differ least
  uint32_t below_ = 0;  // how many rows do
  Array<Block> blocks_;
  Array<uint32_t> counts_;  // (dim + 1) of near_, by distance
  Array<Near> near_;        // rows that were below the limit when they came
  Array<uint32_t> distances_;
  Array<float> sums_;  // (bytes, 256) of the eight numbers of a byte, by its bits
  BestRows best_;
  uint32_t touched_ = 0;
};

}  // namespace wembed
