#include "layer/table.h"

#include <cstdlib>
#include <new>
#include <utility>

#include "layer/kernels.h"

namespace wembed {
namespace {

/// Allocates `bytes`, or null where the address space (32 bits in wasm) or the memory does not hold them.
template <class T>
Block<T> allocate(uint64_t bytes) {
  if (bytes > SIZE_MAX - 4096) return nullptr;
  return Block<T>(static_cast<T*>(std::malloc(bytes ? static_cast<size_t>(bytes) : 1)));
}

Status check_ids(const uint32_t* ids, size_t n, uint32_t limit) {
  for (size_t i = 0; i < n; ++i) {
    if (ids[i] >= limit) {
      return {Code::id_out_of_range, "id out of range", double(ids[i]), double(limit), double(i)};
    }
  }
  return {};
}

Status check_offsets(const Bags& bags, size_t n) {
  if (bags.offsets[0] != 0) return {Code::shape_mismatch, "offsets must begin with 0", double(bags.offsets[0]), 0, 0};
  for (uint32_t b = 0; b < bags.bags; ++b) {
    if (bags.offsets[b + 1] < bags.offsets[b]) {
      return {Code::shape_mismatch, "offsets must not decrease", double(bags.offsets[b + 1]), double(bags.offsets[b]),
              double(b + 1)};
    }
  }
  const uint32_t last = bags.offsets[bags.bags];
  if (last != n) {
    return {Code::shape_mismatch, "the last offset must equal the number of ids", double(last), double(n),
            double(bags.bags)};
  }
  return {};
}

}  // namespace

Status Table::create(uint32_t dtype, uint32_t rows, uint32_t dim, bool per_row_scales, std::unique_ptr<Table>* table) {
  if (dtype >= kDtypeCount) return {Code::unsupported, "unknown dtype", double(dtype), double(kDtypeCount)};
  if (dim == 0) return {Code::invalid_argument, "dim must be at least 1", 0, 1};
  const uint64_t bytes = uint64_t{rows} * dim * bytes_per_value(static_cast<Dtype>(dtype));
  std::unique_ptr<Table> made(new (std::nothrow) Table);
  Block<uint8_t> data = allocate<uint8_t>(bytes);
  Block<float> row_scales = allocate<float>(per_row_scales ? uint64_t{rows} * sizeof(float) : 0);
  if (!made || !data || !row_scales)
    return {Code::out_of_memory, "no memory for a table of this many bytes", double(bytes)};
  made->view_ = {static_cast<Dtype>(dtype), rows, dim, data.get(), per_row_scales ? row_scales.get() : nullptr, 1.0f};
  made->data_ = std::move(data);
  made->row_scales_ = std::move(row_scales);
  *table = std::move(made);
  return {};
}

Status Table::lookup(const uint32_t* ids, size_t n, float* out) const {
  const Status status = check_ids(ids, n, view_.rows);
  if (status.ok()) kKernels.lookup(view_, ids, n, out);
  return status;
}

Status Table::bag(const Bags& bags, size_t n, uint32_t vocab, float* out) const {
  if (bags.mode > BagMode::max) return {Code::invalid_argument, "unknown bag mode", double(bags.mode), 3};
  if (bags.per_sample_weights && bags.mode != BagMode::sum) {
    return {Code::invalid_argument, "perSampleWeights need mode 'sum'"};
  }
  Status status = check_offsets(bags, n);
  const bool by_token = bags.token_weights || bags.token_mapping;
  if (status.ok()) status = check_ids(bags.ids, n, by_token ? vocab : view_.rows);
  for (size_t j = 0; status.ok() && by_token && j < n; ++j) {
    const uint32_t row = bags.row_of(bags.ids[j]);
    if (row >= view_.rows)
      status = {Code::id_out_of_range, "row out of range", double(row), double(view_.rows), double(j)};
  }
  if (status.ok()) kKernels.bag(view_, bags, out);
  return status;
}

}  // namespace wembed
