#pragma once
#include <memory>
#include <vector>

#include "engine/table.h"
#include "stored_table.h"

namespace wembed {

/// A table with the numbers of a random one, and those numbers in f64.
struct FilledTable {
  StoredTable stored;
  std::unique_ptr<Table> table;

  double value(uint32_t r, size_t d) const { return stored.value(r, d); }
  double norm(uint32_t r) const {
    double squares = 0;
    for (size_t d = 0; d < stored.view.dim; ++d) squares += value(r, d) * value(r, d);
    return std::sqrt(squares);
  }
};

inline FilledTable filled_table(Dtype dtype, uint32_t rows, uint32_t dim, Random& random, uint32_t vocab = 0,
                                bool weights = false, bool mapping = false) {
  FilledTable made{random_table(dtype, rows, dim, 0, random), nullptr};
  const bool per_row = dtype == Dtype::i8;
  const Status status =
      Table::create({static_cast<uint32_t>(dtype), rows, dim, per_row, vocab, weights, mapping}, &made.table);
  EXPECT_TRUE(status.ok()) << status.what;
  const TableView& view = made.stored.view;
  if (rows) std::memcpy(made.table->data(), view.data, rows * row_bytes(dtype, dim));
  if (per_row) std::memcpy(made.table->row_scales(), view.row_scales, rows * sizeof(float));
  if (dtype == Dtype::i4)
    std::memcpy(made.table->block_scales(), view.block_scales, size_t{rows} * blocks_per_row(dim) * 2);
  return made;
}

/// A table of f32 with the given numbers.
inline std::unique_ptr<Table> table_of(const std::vector<float>& values, uint32_t dim) {
  std::unique_ptr<Table> table;
  const uint32_t rows = static_cast<uint32_t>(values.size() / dim);
  EXPECT_TRUE(Table::create({static_cast<uint32_t>(Dtype::f32), rows, dim}, &table).ok());
  if (rows) std::memcpy(table->data(), values.data(), values.size() * sizeof(float));
  return table;
}

inline std::vector<float> random_numbers(size_t n, Random& random, float size = 1) {
  std::vector<float> numbers(n);
  for (float& number : numbers) number = random.number() * size;
  return numbers;
}

}  // namespace wembed
