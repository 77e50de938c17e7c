#include "engine/top_k.h"

#include <algorithm>
#include <cmath>

#include "engine/kernels.h"

namespace wembed {

void sift_down(Candidate* heap, size_t n, size_t at, Candidate value, Order above) {
  for (size_t child; (child = 2 * at + 1) < n; at = child) {
    if (child + 1 < n && above(heap[child + 1], heap[child])) ++child;
    if (!above(heap[child], value)) break;
    heap[at] = heap[child];
  }
  heap[at] = value;
}

void make_heap(Candidate* heap, size_t n, Order above) {
  for (size_t i = n / 2; i-- > 0;) sift_down(heap, n, i, heap[i], above);
}

void TopK::start(size_t vectors, uint32_t k) {
  k_ = k;
  best_.clear();
  best_.extend(vectors * k);
  found_.assign(vectors, 0);
}

float TopK::take(size_t vector, uint32_t first, uint32_t n, const float* scores, float largest) {
  Candidate* const best = best_.data() + vector * k_;
  uint32_t found = found_[vector], i = 0;
  for (; found < k_ && i < n; ++i) {
    if (std::isnan(scores[i])) continue;
    best[found++] = {scores[i], first + i};
    largest = std::max(largest, scores[i]);
    if (found == k_) make_heap(best, k_, worse);
  }
  found_[vector] = found;
  if (found < k_ || k_ == 0) return largest;
  for (; (i = static_cast<uint32_t>(kKernels.first_above(scores, n, i, best[0].score))) < n; ++i) {
    sift_down(best, k_, 0, {scores[i], first + i}, worse);
    largest = std::max(largest, scores[i]);
  }
  return largest;
}

void TopK::write(size_t vector, uint32_t* ids, float* scores) {
  Candidate* const best = best_.data() + vector * k_;
  const uint32_t found = found_[vector];
  if (found < k_) make_heap(best, found, worse);
  for (uint32_t left = found; left-- > 0;) {
    const Candidate last = best[left];
    best[left] = best[0];
    sift_down(best, left, 0, last, worse);
  }
  for (uint32_t j = 0; j < k_; ++j) {
    ids[j] = j < found ? best[j].id : kNoId;
    scores[j] = j < found ? best[j].score : 0;
  }
}

}  // namespace wembed
