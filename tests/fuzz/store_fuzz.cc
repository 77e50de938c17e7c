// Rows of one dtype stored in another, by both variants: the same bits, or refused by both.
#include <vector>

#include "input.h"
#include "kernels/quantize.h"
#include "engine/table.h"

using namespace wembed;

namespace {

struct Stored {
  std::vector<uint8_t> bytes;
  std::vector<uint16_t> block_scales;
  float row_scale = 0;
  bool done = false;

  Stored(decltype(&quantize_scalar) quantize, Dtype dtype, const float* row, uint32_t dim)
      : bytes(row_bytes(dtype, dim)), block_scales(blocks_per_row(dim)) {
    done = quantize(row, dim, {dtype, bytes.data(), &row_scale, block_scales.data()});
  }
  bool operator==(const Stored& other) const {
    if (!done || !other.done) return done == other.done;
    return bytes == other.bytes && block_scales == other.block_scales &&
           bits_from_float(row_scale) == bits_from_float(other.row_scale);
  }
};

}  // namespace

/// One byte: the dtype of the rows; one: that of the table; one: numbers a row, less 1; the rows.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const Dtype from = static_cast<Dtype>(input.byte() % 4), to = static_cast<Dtype>(input.byte() % kDtypeCount);
  const uint32_t dim = input.byte() + 1;
  const size_t row_size = row_bytes(from, dim);
  const uint32_t rows = static_cast<uint32_t>(input.size() / row_size);
  const std::unique_ptr<uint8_t[]> source = input.take(rows * row_size);
  std::unique_ptr<Table> table;
  require(Table::create({static_cast<uint32_t>(to), rows, dim, to == Dtype::i8}, &table).ok());
  const TableView view = {from, rows, dim, source.get(), nullptr, 0.5f};
  const Status status = table->store(view, 0);
  require(status.ok() || status.code == Code::invalid_argument);
  std::vector<float> row(dim);
  for (uint32_t r = 0; from == Dtype::f32 && r < rows; ++r) {
    std::memcpy(row.data(), source.get() + r * row_size, row_size);
    require(Stored(quantize_scalar, to, row.data(), dim) == Stored(quantize_simd128, to, row.data(), dim));
  }
  for (uint32_t r = 0; status.ok() && r < rows; ++r) require(table->lookup(&r, 1, row.data()).ok());
  return 0;
}
