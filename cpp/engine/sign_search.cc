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
/// Of each block, the rows that tell how near the nearest of all may be.
constexpr uint32_t kSample = kSignRows / 32;
/// Rows whose memory is asked for together.
constexpr size_t kTouched = 64;
/// Bits of a query's rounded number.
constexpr uint32_t kPlanes = 4;

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

WEMBED_SMALL void SignSearch::store(float* x, uint32_t n, uint32_t dim, uint8_t* signs, uint8_t* details) {
  const size_t bytes = bytes_of(dim);
  std::memset(signs, 0, n * bytes);
  std::memset(details, 0, n * (bytes + sizeof(float)));
  for (uint32_t i = 0; i < n; ++i, x += dim, signs += bytes, details += bytes + sizeof(float)) {
    rotate(x, dim);
    float squares = 0, product = 0;
    for (uint32_t d = 0; d < dim; ++d) squares += x[d] * x[d];
    const float usual = std::sqrt(squares / static_cast<float>(dim));
    for (uint32_t d = 0; d < dim; ++d) {
      const bool above = x[d] > 0, large = std::fabs(x[d]) > usual;
      signs[d / 8] |= static_cast<uint8_t>(above << d % 8);
      details[d / 8] |= static_cast<uint8_t>((above == large) << d % 8);
      product += std::fabs(x[d]) * (large ? 1.5f : 0.5f);
    }
    const float factor = product > 0 ? squares / product : 0;
    std::memcpy(details + bytes, &factor, sizeof factor);
  }
}

WEMBED_SMALL void SignSearch::start(uint32_t dim, uint32_t most) {
  dim_ = dim;
  most_ = most;
  bytes_ = bytes_of(dim);
  blocks_.clear();
  distances_.resize(kStrip);
}

WEMBED_SMALL void SignSearch::take(const uint8_t* signs, const uint8_t* details, uint32_t n, const uint8_t* x,
                                   const uint8_t* live) {
  x_ = x;
  blocks_.push_back({signs, details, live, n});
}

/// A limit below which so many rows lie, if all are like a few of each block.
WEMBED_SMALL uint32_t SignSearch::likely_limit(double wanted) {
  uint32_t rows = 0, sampled = 0;
  counts_.assign(size_t{dim_} + 1, 0);
  for (const Block& block : blocks_) {
    const uint32_t size = std::min(kSample, block.rows);
    kKernels.hamming(block.signs, x_, size, bytes_, distances_.data());
    for (uint32_t i = 0; i < size; ++i) counts_[distances_[i]] += block.live[i];
    rows += block.rows;
    sampled += size;
  }
  wanted = wanted * sampled / rows;
  uint32_t limit = 0;
  while (limit <= dim_ && wanted >= 0) wanted -= counts_[limit++];
  return limit;
}

/// Finds the rows that differ in fewer signs than the limit says.
void SignSearch::find_near(uint32_t limit) {
  near_.clear();
  uint32_t* const distances = distances_.data();
  uint32_t first = 0;
  for (const Block& block : blocks_) {
    for (uint32_t begin = 0; begin < block.rows; begin += kStrip) {
      const uint32_t size = std::min(kStrip, block.rows - begin);
      kKernels.hamming(block.signs + begin * bytes_, x_, size, bytes_, distances);
      for (uint32_t i = 0; i < size; i += 4) {
        const uint32_t* const four = distances + i;  // beyond the last stand those of an earlier strip
        if (!((four[0] < limit) | (four[1] < limit) | (four[2] < limit) | (four[3] < limit))) continue;
        for (uint32_t k = i; k < i + 4 && k < size; ++k) {
          if (distances[k] < limit && block.live[begin + k]) near_.push_back(first + begin + k);
        }
      }
    }
    first += block.rows;
  }
}

/// Rounds the query's numbers: bit j of each stands for ±2^j half steps, as bits of rows do.
WEMBED_SMALL void SignSearch::set_planes(const float* x) {
  float largest = 0;
  for (uint32_t d = 0; d < dim_; ++d) largest = std::max(largest, std::fabs(x[d]));
  planes_.assign(bytes_ / 8 * kPlanes, 0);
  for (uint32_t d = 0; d < dim_; ++d) {
    const float place = 8 * (x[d] / largest) + 8;
    const int32_t rounded = place > 0 ? static_cast<int32_t>(std::min(place, 15.0f)) : 0;  // 0 of NaN, too
    for (uint32_t j = 0; j < kPlanes; ++j) planes_[d / 64 * kPlanes + j] |= uint64_t(rounded >> j & 1) << d % 64;
  }
}

const uint8_t* SignSearch::signs_of(uint32_t row) const {
  return blocks_[row / kSignRows].signs + row % kSignRows * bytes_;
}

const uint8_t* SignSearch::details_of(uint32_t row) const {
  return blocks_[row / kSignRows].details + row % kSignRows * (bytes_ + sizeof(float));
}

/// Σ of ±2^j × (±2 ± 1) over all numbers: the bits that are equal less those that differ.
float SignSearch::score_of(uint32_t row) const {
  const uint8_t *signs = signs_of(row), *seconds = details_of(row);
  uint64_t differing = 0;
  for (const uint64_t* plane = planes_.begin(); plane < planes_.end(); signs += 8, seconds += 8) {
    uint64_t first, second;
    std::memcpy(&first, signs, sizeof first);
    std::memcpy(&second, seconds, sizeof second);
    for (uint32_t j = 0; j < kPlanes; ++j, ++plane) {
      differing +=
          static_cast<uint64_t>(2 * __builtin_popcountll(first ^ *plane) + __builtin_popcountll(second ^ *plane)) << j;
    }
  }
  float factor;
  std::memcpy(&factor, seconds, sizeof factor);
  const int64_t sum = int64_t{45} * dim_ - 2 * static_cast<int64_t>(differing);
  return static_cast<float>(sum) * factor;
}

WEMBED_SMALL const Array<Candidate>& SignSearch::best(const float* x, uint32_t k) {
  best_.start(k, -INFINITY);
  near_.clear();
  for (double wanted = 1.2 * most_; near_.size() < most_; wanted *= 2) {
    const uint32_t limit = likely_limit(wanted);
    find_near(limit);
    if (limit > dim_) break;
  }
  set_planes(x);
  for (size_t i = 0; i < near_.size(); ++i) {
    // Some of the memory of each of the next rows: it is waited for once, not once for each row.
    for (size_t next = i; i % kTouched == 0 && next < i + kTouched && next < near_.size(); ++next) {
      const uint8_t* const details = details_of(near_[next]);
      touched_ += *signs_of(near_[next]) + details[0] + details[bytes_];
    }
    float score = score_of(near_[i]);
    if (!(score > -FLT_MAX)) score = -FLT_MAX;  // sums beyond the largest float
    if (score > best_.limit()) best_.add(score, near_[i]);
  }
  near_.release_large();
  return best_.found();
}

}  // namespace wembed
