#pragma once
#include "engine/hidden_states.h"
#include "engine/table.h"
#include "engine/top_k.h"

namespace wembed {

/// Scores of vectors against all rows of a table, and the rows with the best scores. Holds the calls' working memory;
/// one object serves any number of tables. The language model head and search use it.
class Products {
 public:
  /// out[i, r] = Σ_d table[r, d] × x[i, d]: torch.nn.functional.linear(x, table). Numerics: kernels/logits.h.
  /// @param x    (n, dim) f32
  /// @param out  (n, rows) f32
  /// Errors of all functions: unsupported for a table whose ids are not rows; invalid_argument for a number in x that
  /// is not finite (`index`: its position).
  Status all(Table& table, const float* x, size_t n, float* out);

  /// out[i] = Σ_d table[ids[i], d] × x[d]: the same numbers as `all` gives for these rows and one vector.
  /// @param ids  (n) rows, checked: id_out_of_range
  /// @param x    (dim) f32
  /// @param out  (n) f32
  Status some(Table& table, const uint32_t* ids, size_t n, const float* x, float* out);

  /// The k rows with the highest scores for each vector, highest first, equal scores by row. Rows whose score is NaN
  /// are left out. With Metric::cosine the score is the cosine, in [-1, 1], 0 if the vector or the row is zero; rows
  /// that contain a NaN or an infinity have no cosine and are left out.
  /// @param ids   (n, k) u32; kNoId after the last if there are fewer than k
  /// @param scores  (n, k) f32
  Status nearest(Table& table, const float* x, size_t n, uint32_t k, Metric metric, uint32_t* ids, float* scores);

  static Status check(const Table& table, const float* x, size_t n);

  /// Calls use(i, first, rows, scores) for all vectors i and all rows of the table, one strip of rows at a time, in the
  /// order of the rows. `use` may change `scores`. x must have been checked.
  template <class Use>
  void for_each_strip(Table& table, const float* x, size_t n, Use use) {
    const StripUse call = [](void* to, size_t i, uint32_t first, uint32_t rows, float* scores) {
      (*static_cast<Use*>(to))(i, first, rows, scores);
    };
    walk(table, x, n, call, &use);  // not inlined: once for all users
  }

 private:
  /// Rows whose scores are held at a time: for one vector, and for a group. Two rows are read in parallel, half a strip
  /// apart. Half a strip is not a power of two, because rows at such distances wait for the same parts of memory.
  static constexpr uint32_t kStrip = 16400, kStripOfMany = 1024;

  using StripUse = void (*)(void* to, size_t i, uint32_t first, uint32_t rows, float* scores);
  void walk(Table& table, const float* x, size_t n, StripUse use, void* to);
  void set(const Table& table, const float* x, size_t n);
  void touch(const TableView& view, const uint32_t* ids, size_t n);
  void score(Table& table, uint32_t first, uint32_t rows, float* out, size_t stride);
  void to_cosines(const Table& table, const float* inverse_norms, const float* x, uint32_t first, uint32_t rows,
                  float* scores);

  HiddenStates states_;
  TopK best_;
  Array<float> strip_, rows_, units_;
  uint32_t touched_ = 0;
};

}  // namespace wembed
