// Rows in ggml's blocks, stored in any dtype: refused, or rows that can be looked up.
#include <vector>

#include "input.h"
#include "kernels/ggml_blocks.h"
#include "engine/table.h"

using namespace wembed;

/// One byte: the type; one: the dtype; one: blocks a row; the rows.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const uint32_t type = input.byte() % 40, dtype = input.byte() % kDtypeCount, blocks = input.byte() % 4 + 1;
  const GgmlBlock block = ggml_block(type);
  const uint32_t dim = block.numbers ? blocks * block.numbers : 32;
  const size_t row_size = block.bytes ? size_t{blocks} * block.bytes : 32;
  const uint32_t rows = static_cast<uint32_t>(input.size() / row_size);
  const std::unique_ptr<uint8_t[]> source = input.take(rows * row_size);
  std::unique_ptr<Table> table;
  require(Table::create({dtype, rows, dim, dtype == static_cast<uint32_t>(Dtype::i8)}, &table).ok());
  const Status status = table->store_blocks(type, source.get(), rows, 0);
  require(block.numbers || status.code == Code::unsupported);
  require(!table->store_blocks(type, source.get(), 1, rows).ok());
  if (!status.ok()) return 0;
  std::vector<float> out(dim);
  for (uint32_t r = 0; r < rows; ++r) require(table->lookup(&r, 1, out.data()).ok());
  return 0;
}
