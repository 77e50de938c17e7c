#pragma once
#include "core/array.h"
#include "core/status.h"
#include "kernels/logits.h"

namespace wembed {

/// Vectors to multiply with a table's rows, in the form that the kernel of the table's dtype takes (kernels/logits.h):
/// unchanged for f32, reordered for f16 and bf16, as 16-bit integers for i8 and i4.
class HiddenStates {
 public:
  /// @param x  (n, dim) f32. Errors: invalid_argument for a number that is not finite (`index`: its position).
  static Status check_finite(const float* x, size_t n, uint32_t dim);

  /// Makes the forms of n vectors for a table. They refer to `x`, which must outlive them.
  /// @param x  (n, table.dim) f32, all finite
  void set(const TableView& table, const float* x, size_t n);

  const Hidden* forms() const { return forms_.data(); }
  size_t size() const { return forms_.size(); }

 private:
  void set_split(const float* x, uint32_t dim, bool scaled, size_t i);
  void set_quanta(const float* x, uint32_t dim, bool in_blocks, size_t i);
  void set_eights(uint32_t dim, size_t i);

  Array<Hidden> forms_;
  Array<float> split_;     // (n, dim)
  Array<int16_t> quanta_;  // (n, dim rounded up to whole blocks)
  Array<int32_t> eights_;  // (n, blocks, 4)
};

}  // namespace wembed
