#pragma once
#include <cstdlib>
#include <memory>

#include "core/status.h"
#include "core/view.h"
#include "kernels/bag.h"

namespace wembed {

/// Frees what malloc gave.
struct Free {
  void operator()(void* memory) const { std::free(memory); }
};
template <class T>
using Block = std::unique_ptr<T, Free>;

/// An embedding matrix that owns its bytes, once. Checks every argument before a kernel sees it: after an error nothing
/// has been written.
class Table {
 public:
  /// Allocates an uninitialised (rows, dim) table; the caller fills `data()` (and `row_scales()`), which is how weights
  /// stream into place.
  /// @param per_row_scales  i8 only: one f32 a row; otherwise one scale for all, 1 until `set_scale`
  /// Errors: unsupported dtype, invalid_argument for dim 0, out_of_memory.
  static Status create(uint32_t dtype, uint32_t rows, uint32_t dim, bool per_row_scales, std::unique_ptr<Table>* table);

  const TableView& view() const { return view_; }
  uint8_t* data() { return data_.get(); }
  float* row_scales() { return row_scales_.get(); }
  void set_scale(float scale) { view_.scale = scale; }

  /// See kernels/lookup.h. Errors: id_out_of_range.
  Status lookup(const uint32_t* ids, size_t n, float* out) const;

  /// See kernels/bag.h. `vocab` is the length of the token weights and mapping where they are given.
  /// Errors: id_out_of_range; shape_mismatch for offsets that are not a CSR index of n ids; invalid_argument for
  /// weights with a mode other than sum, as torch has it.
  Status bag(const Bags& bags, size_t n, uint32_t vocab, float* out) const;

 private:
  TableView view_;
  Block<uint8_t> data_;
  Block<float> row_scales_;
};

}  // namespace wembed
