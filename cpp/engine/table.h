#pragma once
#include <cstdlib>
#include <memory>

#include "core/array.h"
#include "core/status.h"
#include "core/view.h"
#include "engine/row_facts.h"
#include "kernels/bag.h"

namespace wembed {

/// Frees memory of malloc.
struct Free {
  void operator()(void* memory) const { std::free(memory); }
};
template <class T>
using Block = std::unique_ptr<T, Free>;

/// What to allocate. Ids are rows, unless the table has token weights or a token mapping, as Model2Vec's
/// vocabulary-quantized models have: then ids are tokens, and the vector of token t is weights[t] * row(mapping[t]).
struct TableShape {
  uint32_t dtype = 0;
  uint32_t rows = 0;
  uint32_t dim = 0;
  bool per_row_scales = false;  // i8: one f32 per row; otherwise one scale for the table, 1 until `set_scale`
  uint32_t vocab = 0;           // number of tokens; 0 if ids are rows
  bool token_weights = false;
  bool token_mapping = false;
};

/// An embedding matrix that owns its bytes. Every argument is checked before a kernel runs: after an error nothing has
/// been written.
class Table {
 public:
  /// Allocates an uninitialised table. The caller fills the blocks below, which is how weights stream into place, and
  /// then calls `check_tokens`. Errors: unsupported dtype, invalid_argument for dim 0, out_of_memory.
  static Status create(const TableShape& shape, std::unique_ptr<Table>* table);

  uint32_t dim() const { return view_.dim; }
  /// Ids are tokens with weights or a mapping, not rows.
  bool by_token() const { return token_weights_ || token_mapping_; }

  /// For writing. Call it again before every write: it drops cached facts about the numbers.
  uint8_t* data() {
    forget_numbers();
    return data_.get();
  }
  const uint8_t* data_to_read() const { return data_.get(); }
  float* row_scales() {
    forget_numbers();
    return row_scales_.get();
  }
  uint16_t* block_scales() {
    forget_numbers();
    return block_scales_.get();
  }
  float* token_weights() { return token_weights_.get(); }
  uint32_t* token_mapping() { return token_mapping_.get(); }
  void set_scale(float scale) {
    forget_numbers();
    view_.scale = scale;
  }
  /// Drops the last rows, for a file with fewer rows than it announced. Their bytes are freed with the table.
  void truncate(uint32_t rows) {
    if (rows < view_.rows) view_.rows = rows;
  }

  /// Every token must have a row. Errors: id_out_of_range.
  Status check_tokens() const;

  /// Converts rows of any dtype into this table's dtype and stores them from row `first` on, row by row, so that
  /// nothing is held twice. Errors: shape_mismatch for rows beyond the last or of another dim; invalid_argument for a
  /// row (`index`) with numbers that the dtype cannot represent.
  Status store(const TableView& source, uint32_t first);

  /// The same for rows in ggml's blocks (kernels/ggml_blocks.h). Blocks of Q4_0 are copied unchanged into a table of
  /// i4. Further errors: unsupported for an unknown block type, or rows that are not whole blocks.
  Status store_blocks(uint32_t type, const uint8_t* source, uint32_t rows, uint32_t first);

  /// How far the rows that `lookup` gives differ from those of another table: the largest difference of two numbers,
  /// the root of the mean square, and the mean over ids of the cosine between the two vectors (1 for two zero vectors,
  /// 0 if one is zero). Errors: shape_mismatch if the number of ids or the dim differs.
  Status compare(const Table& original, double out[3]) const;

  /// Σ x² of n rows from `first` on, as they are stored: see kernels/squared_length.h. Errors: shape_mismatch for rows
  /// beyond the last.
  Status squared_lengths(uint32_t first, uint32_t n, double* out) const;

  const TableView& view() const { return view_; }

  /// The same with the facts that scores of f16 need.
  const TableView& view_for_scores() {
    if (view_.dtype == Dtype::f16 && !view_.small_starts) facts_.add_small_halves(&view_);
    return view_;
  }

  /// See RowFacts.
  const float* inverse_norms() { return facts_.inverse_norms(view_); }

  /// See kernels/lookup.h. Errors: id_out_of_range.
  Status lookup(const uint32_t* ids, size_t n, float* out) const;

  /// See kernels/bag.h; the table's own token weights and mapping replace the argument's. Errors: id_out_of_range;
  /// shape_mismatch for offsets that are not a CSR index of n ids; invalid_argument for weights with a mode other than
  /// sum, as in torch.
  Status bag(Bags bags, size_t n, float* out) const;

 private:
  Status check_room(uint32_t rows, uint32_t first) const;
  Status store_row(const float* row, uint32_t to);
  void copy_q4_0(const uint8_t* source, uint32_t to);
  uint32_t id_limit() const { return by_token() ? vocab_ : view_.rows; }

  void forget_numbers() {
    view_.small_starts = nullptr;
    facts_.forget();
  }

  TableView view_;
  uint32_t vocab_ = 0;
  Block<uint8_t> data_;
  Block<float> row_scales_;
  Block<uint16_t> block_scales_;
  Block<float> token_weights_;
  Block<uint32_t> token_mapping_;
  RowFacts facts_;
};

}  // namespace wembed
