#include "engine/text_encoder.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <utility>

#include "engine/kernels.h"

namespace wembed {

namespace {

/// Pools a long text's ids group by group, with the same sums in the same order as in one call.
class Pool final : public text::IdSink {
 public:
  Pool(const Table& table, BagMode mode, float* out)
      : table_(table), mode_(mode == BagMode::max ? mode : BagMode::sum), out_(out) {}

  size_t take(const uint32_t* ids, size_t n) override {
    n -= n % kBagGroup;
    if (n) add(ids, n);
    return n;
  }

  void add(const uint32_t* ids, size_t n) {
    const uint32_t offsets[] = {0, static_cast<uint32_t>(n)};
    Bags bag{ids, offsets, 1, mode_};
    bag.resume = taken_ > 0;
    const Status status = table_.bag(bag, n, out_);
    if (status_.ok()) status_ = status;
    taken_ += n;
  }

  size_t taken() const { return taken_; }
  const Status& status() const { return status_; }

 private:
  const Table& table_;
  BagMode mode_;
  float* out_;
  size_t taken_ = 0;
  Status status_;
};

}  // namespace

Status TextEncoder::create(const uint8_t* spec, size_t size, std::unique_ptr<TextEncoder>* encoder) {
  std::unique_ptr<TextEncoder> made(new (std::nothrow) TextEncoder);
  if (!made) return {Code::out_of_memory, "no memory for a tokenizer of this many bytes", double(size), UINT32_MAX};
  const Status status = made->tokenizer_.build(spec, size);
  if (status.ok()) *encoder = std::move(made);
  return status;
}

Status TextEncoder::encode(const uint8_t* utf8, size_t size, const text::EncodeOptions& options, bool with_spans) {
  return tokenizer_.encode(utf8, size, options, &ids_, with_spans ? &spans_ : nullptr);
}

void TextEncoder::decode(const uint32_t* ids, size_t n, bool skip_special) {
  tokenizer_.decode(ids, n, skip_special, &decoded_);
}

Status TextEncoder::encode_pooled(const Table& table, const uint8_t* utf8, const uint32_t* ends, uint32_t n,
                                  const text::EncodeOptions& options, const Pooling& pooling, float* out) {
  if (pooling.dimensions == 0 || pooling.dimensions > table.dim())
    return {Code::invalid_argument, "dimensions beyond the table's", double(pooling.dimensions), double(table.dim())};
  const bool whole = pooling.dimensions == table.dim();
  if (!whole) row_.resize(table.dim());
  uint32_t begin = 0;
  for (uint32_t t = 0; t < n; t++, out += pooling.dimensions) {
    if (ends[t] < begin)
      return {Code::shape_mismatch, "a text ends before it begins", double(ends[t]), double(begin), double(t)};
    float* const row = whole ? out : row_.data();
    Pool pool(table, pooling.mode, row);
    Status encoded = tokenizer_.encode(utf8 + begin, ends[t] - begin, options, &ids_, nullptr, &pool);
    if (!encoded.ok()) {
      encoded.index = double(t);
      return encoded;
    }
    begin = ends[t];
    pool.add(ids_.data(), ids_.size());
    if (!pool.status().ok()) return pool.status();
    if (pooling.mode == BagMode::mean && pool.taken() > 0)
      kKernels.divide(row, table.dim(), static_cast<float>(pool.taken()));
    if (!whole) std::copy_n(row_.data(), pooling.dimensions, out);
    if (pooling.epsilon >= 0 && !kKernels.normalize(out, 1, pooling.dimensions, pooling.epsilon) && pooling.finite)
      return {Code::invalid_argument, "the vector of a text holds a number that is not finite", NAN};
  }
  return {};
}

uint32_t TextEncoder::median_token_length() {
  Array<uint32_t> count_of;  // by length: a sort would take longer
  uint32_t total = 0;
  for (uint32_t id = 0; id < tokenizer_.vocab_size(); id++) {
    const text::Bytes token = tokenizer_.token(id);
    if (!token.data) continue;
    uint32_t length = 0;
    for (size_t i = 0; i < token.size; i++) length += (token.data[i] & 0xC0) != 0x80;
    if (length >= count_of.size()) count_of.resize(length + 1);
    count_of[length]++;
    total++;
  }
  if (total == 0) return 0;
  const auto nth = [&](uint32_t n) {
    uint32_t length = 0;
    for (uint32_t seen = count_of[0]; seen <= n; seen += count_of[length]) length++;
    return length;
  };
  return (nth((total - 1) / 2) + nth(total / 2)) / 2;
}

}  // namespace wembed
