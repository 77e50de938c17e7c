#pragma once
#include "engine/hidden_states.h"
#include "engine/table.h"
#include "engine/top_k.h"

namespace wembed {

/// Scores of vectors against all rows of a table, and the rows with the best ones. Holds the calls' working memory, so
/// one object serves any number of tables. The language model head and search stand on it.
class Products {
 public:
  /// out[i, r] = Σ_d table[r, d] × x[i, d]: torch.nn.functional.linear(x, table). Numerics: kernels/logits.h.
  /// @param x    (n, dim) f32
  /// @param out  (n, rows) f32
  /// Errors of all: unsupported for a table whose ids are not rows; invalid_argument for a number in x that is not
  /// finite (`index`: where).
  Status all(Table& table, const float* x, size_t n, float* out);

  /// The k rows with the highest scores for each vector, highest first, equal scores by row. Rows whose score is NaN
  /// are never among them. With Metric::cosine the score is the cosine, in [-1, 1], 0 where a vector or a row is zero;
  /// rows that hold a NaN or an infinity have none.
  /// @param ids     (n, k) u32; kNoId after the last where there are fewer than k
  /// @param scores  (n, k) f32
  Status nearest(Table& table, const float* x, size_t n, uint32_t k, Metric metric, uint32_t* ids, float* scores);

  static Status check(const Table& table, const float* x, size_t n);

  /// Calls use(i, first, rows, scores) for all vectors i and all rows of the table, a strip of rows at a time, in their
  /// order. `scores` may be changed. x must have been checked.
  template <class Use>
  void for_each_strip(Table& table, const float* x, size_t n, Use use) {
    const StripUse call = [](void* to, size_t i, uint32_t first, uint32_t rows, float* scores) {
      (*static_cast<Use*>(to))(i, first, rows, scores);
    };
    walk(table, x, n, call, &use);  // not inlined: once for all users
  }

 private:
  /// Rows whose scores are kept at a time: for one vector, and for a group. Half of it, which is how far apart two rows
  /// are read, is not a power of two: at such distances they would wait for the same parts of memory.
  static constexpr uint32_t kStrip = 16400, kStripOfMany = 1024;

  using StripUse = void (*)(void* to, size_t i, uint32_t first, uint32_t rows, float* scores);
  void walk(Table& table, const float* x, size_t n, StripUse use, void* to);
  void set(const Table& table, const float* x, size_t n);
  void score(Table& table, uint32_t first, uint32_t rows, float* out, size_t stride);
  void to_cosines(const Table& table, const float* inverse_norms, const float* x, uint32_t first, uint32_t rows,
                  float* scores);

  HiddenStates states_;
  TopK best_;
  Array<float> strip_, rows_, units_;
};

}  // namespace wembed
