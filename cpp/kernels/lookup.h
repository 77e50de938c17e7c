#pragma once
#include "core/view.h"

namespace wembed {

/// Copies rows of a table, converted to f32: out[i,:] = table[ids[i],:].
/// @param table  (rows, dim) of any dtype, read only
/// @param ids  (n) u32, each < table.rows (the engine checks)
/// @param out    (n, dim) f32, must not overlap the table
/// Numerics: exact for f32, f16, bf16 and i4 (signalling NaNs may become quiet); i8 is one rounded product per value.
/// Both variants give the same bits. Matches torch.nn.functional.embedding.
void lookup_scalar(const TableView& table, const uint32_t* ids, size_t n, float* out);
void lookup_simd128(const TableView& table, const uint32_t* ids, size_t n, float* out);

}  // namespace wembed
