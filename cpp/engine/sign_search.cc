#include "engine/sign_search.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>

#include "core/small.h"
#include "engine/kernels.h"

namespace wembed {

/// Rows whose distances are worked out at a time: they stay in the processor's nearest cache.
constexpr uint32_t kStrip = 1024;
/// Rows whose memory is asked for together.
constexpr size_t kTouched = 32;

namespace {

size_t bytes_of(uint32_t dim) { return size_t{dim + 127} / 128 * 16; }

}  // namespace

WEMBED_SMALL void SignSearch::rotate(float* x, uint32_t dim) {
  uint32_t size = 1;
  while (size <= dim / 2) size *= 2;
  const float shorter = 1 / std::sqrt(static_cast<float>(size));
  uint32_t pattern = 1;
  // After one round a large number gives many numbers the same sign.
  for (uint32_t round = size == dim ? 2 : 4; round > 0; --round) {
    const uint32_t begin = round % 2 ? dim - size : 0;
    for (uint32_t d = begin; d < begin + size; ++d) {
      pattern = pattern * 1664525 + 1013904223;
      x[d] *= pattern >> 31 ? -shorter : shorter;
    }
    kKernels.hadamard(x + begin, size);
  }
}

WEMBED_SMALL void SignSearch::store(float* x, uint32_t n, uint32_t dim, uint8_t* signs, float* factors) {
  const size_t bytes = bytes_of(dim);
  std::memset(signs, 0, n * bytes);
  for (uint32_t i = 0; i < n; ++i, x += dim, signs += bytes) {
    rotate(x, dim);
    float sum = 0, squares = 0;
    for (uint32_t d = 0; d < dim; ++d) {
      if (x[d] > 0) signs[d / 8] |= static_cast<uint8_t>(1u << d % 8);
      sum += std::fabs(x[d]);
      squares += x[d] * x[d];
    }
    factors[i] = sum > 0 ? squares / sum : 0;
  }
}

WEMBED_SMALL void SignSearch::start(uint32_t dim, uint32_t most) {
  dim_ = dim;
  most_ = most;
  bytes_ = bytes_of(dim);
  limit_ = dim + 1;
  below_ = 0;
  blocks_.clear();
  near_.clear();
  counts_.assign(size_t{dim} + 1, 0);
  distances_.resize(kStrip);
}

void SignSearch::take(const uint8_t* signs, const float* factors, uint32_t n, const uint8_t* x, const uint8_t* live) {
  const uint32_t first = static_cast<uint32_t>(blocks_.size()) * kSignRows;
  blocks_.push_back({signs, factors});
  if (most_ == 0) return;
  uint32_t* const distances = distances_.data();
  for (uint32_t begin = 0; begin < n; begin += kStrip) {
    const uint32_t size = std::min(kStrip, n - begin);
    kKernels.hamming(signs + begin * bytes_, x, size, bytes_, distances);
    // Once there are enough rows, later ones that are as far as the farthest of them come after all of them.
    const uint32_t limit = below_ >= most_ ? limit_ - 1 : limit_;
    const size_t before = near_.size();
    Near* const near = near_.extend(size);
    size_t found = 0;
    for (uint32_t i = 0; i < size; i += 4) {
      const uint32_t* const four = distances + i;  // beyond the last stand those of an earlier strip
      if (!((four[0] < limit) | (four[1] < limit) | (four[2] < limit) | (four[3] < limit))) continue;
      for (uint32_t k = 0; k < 4 && i + k < size; ++k) {
        near[found] = {first + begin + i + k, four[k]};
        found += four[k] < limit;
      }
    }
    size_t kept = 0;
    for (size_t i = 0; i < found; ++i) {
      if (!live[near[i].row - first]) continue;
      ++counts_[near[i].distance];
      near[kept++] = near[i];
    }
    near_.resize(before + kept);
    below_ += static_cast<uint32_t>(kept);
    while (below_ >= most_ && below_ - counts_[limit_ - 1] >= most_) below_ -= counts_[--limit_];
  }
}

/// The sums of each eight numbers with any signs.
WEMBED_SMALL void SignSearch::set_sums(const float* x) {
  sums_.resize(bytes_ * 256);
  for (uint32_t b = 0; b < bytes_; ++b) {
    float* const sums = sums_.data() + size_t{b} * 256;
    sums[0] = 0;
    for (uint32_t k = 0; k < 8; ++k) {
      const float value = 8 * b + k < dim_ ? x[8 * b + k] : 0;
      // With one more number there are twice as many sums: with it, and with its negative.
      for (uint32_t i = 0; i < (1u << k); ++i) {
        sums[(1u << k) + i] = sums[i] + value;
        sums[i] -= value;
      }
    }
  }
}

float SignSearch::score_of(uint32_t row) const {
  const Block& block = blocks_[row / kSignRows];
  const uint8_t* signs = block.signs + row % kSignRows * bytes_;
  const float* const end = sums_.end();
  float chains[4] = {};  // bytes_ is a multiple of 16; of those after the last number all sums are 0
  for (const float* sums = sums_.begin(); sums < end; sums += 1024, signs += 4) {
    chains[0] += sums[signs[0]];
    chains[1] += sums[256 + signs[1]];
    chains[2] += sums[512 + signs[2]];
    chains[3] += sums[768 + signs[3]];
  }
  return ((chains[0] + chains[1]) + (chains[2] + chains[3])) * block.factors[row % kSignRows];
}

/// Leaves in near_ the rows that differ least: those nearer than the farthest, and of those as far as it the first.
WEMBED_SMALL void SignSearch::drop_distant() {
  const uint32_t farthest = limit_ - 1;
  uint32_t at_farthest = below_ > most_ ? most_ - (below_ - counts_[farthest]) : counts_[farthest];
  size_t kept = 0;
  for (const Near& near : near_) {
    if (near.distance > farthest || (near.distance == farthest && at_farthest == 0)) continue;
    at_farthest -= near.distance == farthest;
    near_[kept++] = near;
  }
  near_.resize(kept);
}

WEMBED_SMALL const Array<Candidate>& SignSearch::best(const float* x, uint32_t k) {
  set_sums(x);
  drop_distant();
  best_.start(k, -INFINITY);
  for (size_t i = 0; i < near_.size(); ++i) {
    if (i % kTouched == 0) touch(i);
    float score = score_of(near_[i].row);
    if (!(score > -FLT_MAX)) score = -FLT_MAX;  // sums beyond the largest float
    if (score > best_.limit()) best_.add(score, near_[i].row);
  }
  near_.release_large();
  sums_.release_large();
  return best_.found();
}

/// Reads a byte of each of the next rows: memory is waited for once, not once for each row.
WEMBED_SMALL void SignSearch::touch(size_t begin) {
  for (size_t i = begin; i < begin + kTouched && i < near_.size(); ++i) {
    const uint32_t row = near_[i].row;
    const Block& block = blocks_[row / kSignRows];
    const uint8_t* const factor = reinterpret_cast<const uint8_t*>(block.factors + row % kSignRows);
    touched_ += block.signs[row % kSignRows * bytes_] + *factor;
  }
}

}  // namespace wembed
