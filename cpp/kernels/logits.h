#pragma once
#include "core/view.h"

namespace wembed {

/// A hidden state x in the forms that the dtypes multiply fastest. The engine makes one per call.
struct Hidden {
  const float* x = nullptr;  // (dim) finite
  const float* split =
      nullptr;  // f16, bf16: each eight numbers of x in the order 0 2 4 6 1 3 5 7; without those after the last eight
  float split_scale = 1;       // f16: 2^112 × split × split_scale is x, and |split| < 2^-24, so that no sum overflows
  const int16_t* q = nullptr;  // i8, i4: (dim rounded up to 32) x = scale × q, zeros after dim; i4: see place_in_block
  const int32_t* eights = nullptr;  // i4: (blocks, 4) eight times the sum of q by lanes of 32 bits: what quanta, which
                                    // are stored plus eight, add too much
  float scale = 0;
};

/// Where in a block of `Hidden::q` the number of column d of an i4 block is: in the order in which shifts and masks of
/// 16 bits bring out the quanta.
constexpr size_t place_in_block(size_t d) { return d % 2 * 16 + d / 16 * 8 + d % 16 / 2; }

/// Scores one hidden state against rows of a table: out[i] = Σ_d table[first + i, d] × hidden.x[d].
/// @param table   (rows, dim) of any dtype, read only
/// @param hidden  with the form that the table's dtype needs
/// @param first   with n: rows first … first + n - 1, all < table.rows
/// @param out     (n) f32, must not overlap the table
/// Numerics: floats: f32 sums, |error| ≤ (dim / 8 + 8)·2^-24·Σ|w·x|; f16: dim / 6 instead of dim / 8. i8 and i4: the
/// products and sums of integers are exact (i4: within a block of 32); hidden is rounded to 16 bits, which adds scale /
/// 2·Σ|w| to the error. A row's score does not depend on which other rows are requested. Matches
/// torch.nn.functional.linear(hidden, table[first:first + n]).
void logits_scalar(const TableView& table, const Hidden& hidden, uint32_t first, size_t n, float* out);
void logits_simd128(const TableView& table, const Hidden& hidden, uint32_t first, size_t n, float* out);

/// The same for many hidden states; each row is read once: out[j × stride + i] = Σ_d table[first + i, d] ×
/// hidden[j].x[d].
/// @param hidden  (states)
/// @param rows    (5, dim rounded up to 32) f32, working memory
/// Numerics: floats: f32 sums, |error| ≤ (dim / 4 + 8)·2^-24·Σ|w·x|. i8 and i4: the same bits as one state at a time.
void logits_many_scalar(const TableView& table, const Hidden* hidden, size_t states, uint32_t first, size_t n,
                        float* rows, float* out, size_t stride);
void logits_many_simd128(const TableView& table, const Hidden* hidden, size_t states, uint32_t first, size_t n,
                         float* rows, float* out, size_t stride);

}  // namespace wembed
