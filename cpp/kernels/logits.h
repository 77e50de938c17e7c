#pragma once
#include "core/view.h"

namespace wembed {

/// A hidden state x in the forms that the dtypes multiply best. The layer makes them once a call.
struct Hidden {
  const float* x = nullptr;      // (dim) finite
  const float* large = nullptr;  // f16: (dim) x × 2^112 / large_factor
  float large_factor = 1;        // a power of two that keeps `large` finite
  const int16_t* q = nullptr;    // i8, i4: (dim rounded up to 32) x = scale × q, zeros after dim
  float scale = 0;
};

/// The largest |q| so that no sum of products with i8 overflows, whatever the row: four accumulators of four lanes.
constexpr int32_t largest_hidden_quantum(uint32_t dim) {
  return dim <= 8192 ? 32767 : static_cast<int32_t>((int64_t{32767} * 8192) / dim);
}

/// Scores one hidden state against rows of a table: out[i] = Σ_d table[first + i, d] × hidden.x[d].
/// @param table   (rows, dim) of any dtype, read only
/// @param hidden  with the form that the table's dtype needs
/// @param first   with n: rows first … first + n - 1, all < table.rows
/// @param out     (n) f32, must not overlap the table
/// Numerics: floats: f32 sums, |error| ≤ (dim / 16 + 8)·2^-24·Σ|w·x|. i8 and i4: the products and sums of whole numbers
/// are exact (i4: within a block of 32); hidden is rounded to 16 bits, |error| ≤ scale / 2·Σ|w| more. Matches
/// torch.nn.functional.linear(hidden, table[first:first + n]).
void logits_scalar(const TableView& table, const Hidden& hidden, uint32_t first, size_t n, float* out);
void logits_simd128(const TableView& table, const Hidden& hidden, uint32_t first, size_t n, float* out);

/// The same for many hidden states, each row widened once: out[j × stride + i] = Σ_d table[first + i, d] × hidden[j,
/// d].
/// @param hidden  (states, dim) f32
/// @param rows    (4, dim) f32, working memory
/// Numerics: f32 sums for every dtype, bound as above.
void logits_many_scalar(const TableView& table, const float* hidden, size_t states, uint32_t first, size_t n,
                        float* rows, float* out, size_t stride);
void logits_many_simd128(const TableView& table, const float* hidden, size_t states, uint32_t first, size_t n,
                         float* rows, float* out, size_t stride);

}  // namespace wembed
