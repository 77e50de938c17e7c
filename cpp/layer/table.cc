#include "layer/table.h"

#include <cstdlib>
#include <new>
#include <utility>

#include "layer/kernels.h"

namespace wembed {
namespace {

/// Allocates a block if it is wanted; false where 32 bits of address space or the memory do not hold it.
template <class T>
bool allocate(bool wanted, uint64_t bytes, Block<T>* block) {
  if (!wanted) return true;
  if (bytes > UINT32_MAX - 4096) return false;  // natively too, so that tests see what wasm does
  // 16 more, so that a kernel may read a whole register at the last value.
  block->reset(static_cast<T*>(std::malloc(static_cast<size_t>(bytes) + 16)));
  return *block != nullptr;
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

Status Table::create(const TableShape& shape, std::unique_ptr<Table>* table) {
  if (shape.dtype >= kDtypeCount) return {Code::unsupported, "unknown dtype", double(shape.dtype), kDtypeCount - 1};
  if (shape.dim == 0) return {Code::invalid_argument, "dim must be at least 1", 0, 1};
  const Dtype dtype = static_cast<Dtype>(shape.dtype);
  const uint64_t bytes = uint64_t{shape.rows} * row_bytes(dtype, shape.dim);
  const uint64_t block_scale_bytes = uint64_t{shape.rows} * blocks_per_row(shape.dim) * 2;
  std::unique_ptr<Table> made(new (std::nothrow) Table);
  const bool complete = made && allocate(true, bytes, &made->data_) &&
                        allocate(shape.per_row_scales, uint64_t{shape.rows} * 4, &made->row_scales_) &&
                        allocate(dtype == Dtype::i4, block_scale_bytes, &made->block_scales_) &&
                        allocate(shape.token_weights, uint64_t{shape.vocab} * 4, &made->token_weights_) &&
                        allocate(shape.token_mapping, uint64_t{shape.vocab} * 4, &made->token_mapping_);
  if (!complete) return {Code::out_of_memory, "no memory for a table of this many bytes", double(bytes), UINT32_MAX};
  made->view_ = {
      dtype, shape.rows, shape.dim, made->data_.get(), made->row_scales_.get(), 1.0f, made->block_scales_.get()};
  made->vocab_ = shape.vocab;
  *table = std::move(made);
  return {};
}

Status Table::check_tokens() const {
  if (!by_token()) return {};
  if (token_mapping_) return check_ids(token_mapping_.get(), vocab_, view_.rows);
  if (vocab_ <= view_.rows) return {};
  return {Code::shape_mismatch, "more token weights than rows", double(vocab_), double(view_.rows)};
}

Status Table::lookup(const uint32_t* ids, size_t n, float* out) const {
  const Status status = check_ids(ids, n, id_limit());
  if (!status.ok()) return status;
  if (!by_token()) {
    kKernels.lookup(view_, ids, n, out);
    return {};
  }
  const uint32_t offsets[] = {0, 1};
  for (size_t i = 0; i < n; ++i) {
    Bags one{ids + i, offsets, 1, BagMode::sum};
    one.token_weights = token_weights_.get();
    one.token_mapping = token_mapping_.get();
    kKernels.bag(view_, one, out + i * view_.dim);
  }
  return {};
}

Status Table::bag(Bags bags, size_t n, float* out) const {
  if (bags.mode > BagMode::max) return {Code::invalid_argument, "unknown bag mode", double(bags.mode), 2};
  if (bags.per_sample_weights && bags.mode != BagMode::sum) {
    return {Code::invalid_argument, "perSampleWeights need mode 'sum', not mode", double(bags.mode), 0};
  }
  bags.token_weights = token_weights_.get();
  bags.token_mapping = token_mapping_.get();
  Status status = check_offsets(bags, n);
  if (status.ok()) status = check_ids(bags.ids, n, id_limit());
  if (status.ok()) kKernels.bag(view_, bags, out);
  return status;
}

}  // namespace wembed
