#include "engine/table.h"

#include <cmath>
#include <cstdlib>
#include <new>
#include <utility>

#include "core/array.h"
#include "engine/kernels.h"
#include "kernels/ggml_blocks.h"

namespace wembed {
namespace {

/// Allocates a block if it is needed; false if 32 bits of address space or the memory cannot hold it.
template <class T>
bool allocate(bool needed, uint64_t bytes, Block<T>* block) {
  if (!needed) return true;
  if (bytes > UINT32_MAX - 4096) return false;  // natively too, so that tests see the behaviour of wasm
  // 16 bytes more, so that a kernel may read a whole register at the last value.
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

/// Why a row cannot be stored: the first of its numbers that the dtype has no value for.
Status refused_row(const float* row, uint32_t dim, Dtype dtype, uint32_t to) {
  const bool is_float = dtype == Dtype::f16 || dtype == Dtype::bf16;  // which have infinities and NaN
  const double limit = dtype == Dtype::f16    ? 65520
                       : dtype == Dtype::bf16 ? 0x1.ffp127
                       : dtype == Dtype::i4   ? 8 * 65520
                                              : double(INFINITY);
  uint32_t d = 0;
  while (d + 1 < dim && (std::fabs(row[d]) < limit || (is_float && !std::isfinite(row[d])))) ++d;
  const char* what = std::isfinite(row[d]) ? "a number too large for this dtype" : "a number that is not finite";
  return {Code::invalid_argument, what, row[d], limit, double(to) * dim + d};
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

Status Table::check_room(uint32_t rows, uint32_t first) const {
  if (first > view_.rows || rows > view_.rows - first) {
    return {Code::shape_mismatch, "rows beyond the table's last", double(first) + rows, double(view_.rows)};
  }
  if (view_.dtype == Dtype::i8 && !row_scales_) {
    return {Code::invalid_argument, "a table of i8 without row scales takes no rows of another dtype"};
  }
  return {};
}

Status Table::store_row(const float* row, uint32_t to) {
  forget_numbers();
  RowOut out = {view_.dtype, data_.get() + to * row_bytes(view_.dtype, view_.dim), nullptr, nullptr};
  if (row_scales_) out.row_scale = row_scales_.get() + to;
  if (block_scales_) out.block_scales = block_scales_.get() + size_t{to} * blocks_per_row(view_.dim);
  if (kKernels.quantize(row, view_.dim, out)) return {};
  return refused_row(row, view_.dim, view_.dtype, to);
}

Status Table::store(const TableView& source, uint32_t first) {
  if (source.dim != view_.dim)
    return {Code::shape_mismatch, "rows of another dim", double(source.dim), double(view_.dim)};
  Status status = check_room(source.rows, first);
  Array<float> row(view_.dim);
  for (uint32_t r = 0; status.ok() && r < source.rows; ++r) {
    // Rows of f32 are used in place; rows that are not aligned are copied.
    const bool plain = source.dtype == Dtype::f32 && reinterpret_cast<uintptr_t>(source.row(r)) % alignof(float) == 0;
    if (!plain) kKernels.lookup(source, &r, 1, row.data());
    status = store_row(plain ? reinterpret_cast<const float*>(source.row(r)) : row.data(), first + r);
  }
  return status;
}

Status Table::store_blocks(uint32_t type, const uint8_t* source, uint32_t rows, uint32_t first) {
  const uint32_t dim = view_.dim;
  const GgmlBlock block = ggml_block(type);
  if (block.numbers == 0 || dim % block.numbers != 0) {
    return {Code::unsupported, "unknown block type, or rows that are not whole blocks", double(type), double(dim)};
  }
  Status status = check_room(rows, first);
  const bool as_they_are = view_.dtype == Dtype::i4 && type == static_cast<uint32_t>(GgmlType::q4_0);
  Array<float> row(dim);
  for (uint32_t r = 0; status.ok() && r < rows; ++r, source += size_t{dim / block.numbers} * block.bytes) {
    if (as_they_are) {
      copy_q4_0(source, first + r);
    } else {
      widen_ggml_row(type, source, dim, row.data());
      status = store_row(row.data(), first + r);
    }
  }
  return status;
}

/// Both formats store 32 numbers in 16 bytes the same way; Q4_0 has each block's scale before its numbers.
void Table::copy_q4_0(const uint8_t* source, uint32_t to) {
  forget_numbers();
  const size_t blocks = blocks_per_row(view_.dim), begin = to * blocks;
  for (size_t b = begin; b < begin + blocks; ++b, source += 2 + kBlock / 2) {
    std::memcpy(block_scales_.get() + b, source, 2);
    std::memcpy(data_.get() + b * (kBlock / 2), source + 2, kBlock / 2);
  }
}

Status Table::squared_lengths(uint32_t first, uint32_t n, double* out) const {
  Status status = check_room(n, first);
  Array<float> copy(view_.dim);
  for (uint32_t r = first; status.ok() && r < first + n; ++r) {
    if (view_.dtype == Dtype::i8 && is_summable(view_.dim)) {
      const double scale = view_.row_scale(r);
      *out++ = scale * scale * kKernels.squared_quanta(reinterpret_cast<const int8_t*>(view_.row(r)), view_.dim);
      continue;
    }
    const bool plain = view_.dtype == Dtype::f32;
    if (!plain) kKernels.lookup(view_, &r, 1, copy.data());
    *out++ = kKernels.squared_length(plain ? reinterpret_cast<const float*>(view_.row(r)) : copy.data(), view_.dim);
  }
  return status;
}

Status Table::compare(const Table& original, double out[3]) const {
  const uint32_t dim = view_.dim, ids = id_limit();
  if (original.id_limit() != ids || original.dim() != dim) {
    return {Code::shape_mismatch, "tables of different shapes", double(original.id_limit()), double(ids)};
  }
  Array<float> a(dim), b(dim);
  double most = 0, squares = 0, cosines = 0;
  for (uint32_t id = 0; id < ids; ++id) {
    Status status = lookup(&id, 1, a.data());
    if (status.ok()) status = original.lookup(&id, 1, b.data());
    if (!status.ok()) return status;
    double ab = 0, aa = 0, bb = 0;
    for (uint32_t d = 0; d < dim; ++d) {
      const double x = a[d], y = b[d], difference = x > y ? x - y : y - x;
      if (!(difference <= most)) most = difference;
      squares += difference * difference;
      ab += x * y;
      aa += x * x;
      bb += y * y;
    }
    cosines += aa == 0 && bb == 0 ? 1 : aa == 0 || bb == 0 ? 0 : ab / std::sqrt(aa * bb);
  }
  const double n = ids ? ids : 1;
  out[0] = most;
  out[1] = std::sqrt(squares / (n * dim));
  out[2] = ids ? cosines / n : 1;
  return {};
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
