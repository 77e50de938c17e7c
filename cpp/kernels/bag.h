#pragma once
#include "core/view.h"

namespace wembed {

/// Rows are summed in groups of this many, and then the groups' sums are added. The rounding error of a long text then
/// grows with kBagGroup + n / kBagGroup instead of n, for one more addition in 32.
constexpr uint32_t kBagGroup = 32;

/// Ids grouped into bags (CSR), and how each id maps to its row.
struct Bags {
  const uint32_t* ids = nullptr;      // (n) u32
  const uint32_t* offsets = nullptr;  // (bags + 1) u32, non-decreasing, first 0, last n
  uint32_t bags = 0;
  BagMode mode = BagMode::mean;
  const float* per_sample_weights = nullptr;  // (n) f32 or null
  const float* token_weights = nullptr;       // (vocab) f32 or null: scales id's row
  const uint32_t* token_mapping = nullptr;    // (vocab) u32 or null: id's row; null means row = id
  uint32_t padding_idx = UINT32_MAX;          // an id that is ignored; UINT32_MAX: no id
  bool resume = false;                        // sum, max: continue from the values in `out`

  uint32_t row_of(uint32_t id) const { return token_mapping ? token_mapping[id] : id; }
  float weight_at(size_t j) const {
    return (per_sample_weights ? per_sample_weights[j] : 1.0f) * (token_weights ? token_weights[ids[j]] : 1.0f);
  }
};

/// Reduces each bag of rows to one row: out[b,:] = reduce(w[j] * table[row(ids[j]),:]), j in [offsets[b],
/// offsets[b+1]).
/// @param table  (rows, dim) of any dtype, read only
/// @param bags every row(id) < table.rows (the engine checks)
/// @param out    (bags, dim) f32, must not overlap the table
/// Numerics: f32, added in the order of the ids in groups of kBagGroup; the mean divides by the number of ids that are
/// not padding. |error| ≤ (min(n, 32) + n / 32 + 2)·2^-24·Σ|w·x|. An empty bag gives zeros. Both variants give the same
/// bits, and so does one bag computed in parts and resumed after multiples of kBagGroup ids. A NaN makes its column NaN
/// in every mode. Matches torch.nn.EmbeddingBag(include_last_offset=True); token weights and mapping are Model2Vec's.
void bag_scalar(const TableView& table, const Bags& bags, float* out);
void bag_simd128(const TableView& table, const Bags& bags, float* out);

}  // namespace wembed
