#pragma once
#include <cstddef>
#include <cstdint>

namespace wembed::train {

/// The cross-entropy of softmax(scores) and its gradient: torch.nn.functional.cross_entropy.
/// @param scores   (n, m), which become scale · (softmax(scores) - the target's 1)
/// @param targets  (n), each below m
/// @returns Σ -log softmax(scores)[target], in f64
double softmax_loss(float* scores, const uint32_t* targets, size_t n, size_t m, float scale);

}  // namespace wembed::train
