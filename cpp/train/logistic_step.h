#pragma once
#include <cstddef>
#include <cstdint>

namespace wembed::train {

/// Rows are this many numbers long, rounded up; the numbers added to a row are zeros.
constexpr size_t kLanes = 4;
inline size_t padded(size_t dim) { return (dim + kLanes - 1) / kLanes * kLanes; }

/// word2vec's table of the logistic function between -kMostDot and kMostDot, as gensim has it: beyond, nothing is
/// learnt.
constexpr int kSigmoidSteps = 1000;
constexpr double kMostDot = 6;
constexpr int kStepsPerUnit = 83;
struct SigmoidTable {
  SigmoidTable();
  float value[kSigmoidSteps];
  float log[kSigmoidSteps];
};

/// One step of logistic regression of x against several rows at once, each with a label of 0 or 1:
///   g = alpha · (label - sigmoid(x · row));  change += g · row;  row += g · x
/// @param x       (dim), not among the rows
/// @param rows    n pointers to (dim), all different
/// @param dim     a multiple of kLanes
/// @param change  (dim), what x is to become larger by: added to
/// @returns the loss, -Σ log P(label); NaN where a product is NaN
/// Numerics: sums in f32, in four lanes; both variants give the same bits. gensim's w2v_fast_sentence_sg_neg.
double logistic_step_scalar(const SigmoidTable& sigmoid, const float* x, float* const* rows, const float* labels,
                            size_t n, size_t dim, float alpha, float* change);
double logistic_step_simd128(const SigmoidTable& sigmoid, const float* x, float* const* rows, const float* labels,
                             size_t n, size_t dim, float alpha, float* change);

/// y += a · x, of a multiple of kLanes numbers.
void add_scaled_scalar(float* y, const float* x, float a, size_t dim);
void add_scaled_simd128(float* y, const float* x, float a, size_t dim);

/// x *= a, of a multiple of kLanes numbers.
void scale_scalar(float* x, float a, size_t dim);
void scale_simd128(float* x, float a, size_t dim);

}  // namespace wembed::train
