#include "engine/best_rows.h"

#include <cmath>
#include <limits>

#include "core/dtype.h"

namespace wembed {

/// Rows that are kept at least before worse ones are dropped.
constexpr size_t kLeastRoom = 1024;

namespace {

/// The largest float below x, which is above -infinity.
float before(float x) {
  if (x == 0) return -std::numeric_limits<float>::denorm_min();
  return float_from_bits(bits_from_float(x) + (x > 0 ? 0xffffffffu : 1u));
}

}  // namespace

void BestRows::start(uint32_t k, float lowest) {
  k_ = k;
  lowest_ = lowest;
  limit_ = -INFINITY;
  room_ = kLeastRoom;
  best_.clear();
  found_.clear();
}

void BestRows::add(float score, uint32_t id) {
  const Candidate row{score, id};
  found_.push_back(row);
  if (best_.size() < k_) {
    best_.push_back(row);
    if (best_.size() < k_) return;
    make_heap(best_.data(), k_, worse);
  } else if (score > best_[0].score) {
    sift_down(best_.data(), k_, 0, row, worse);
  } else {
    return;
  }
  // Equal scores are taken, too.
  const float least = best_[0].score;
  if (least > lowest_) limit_ = before(least);
  if (found_.size() < room_) return;
  drop_worse();
  room_ = 2 * found_.size() + kLeastRoom;
}

void BestRows::drop_worse() {
  if (best_.empty() || best_.size() < k_) return;
  const float least = best_[0].score;
  size_t kept = 0;
  for (const Candidate& row : found_) {
    if (row.score >= least) found_[kept++] = row;
  }
  found_.resize(kept);
}

const Array<Candidate>& BestRows::found() {
  drop_worse();
  best_.release_large();
  return found_;
}

}  // namespace wembed
