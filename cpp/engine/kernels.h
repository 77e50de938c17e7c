#pragma once
#include "kernels/bag.h"
#include "kernels/cosine.h"
#include "kernels/divide.h"
#include "kernels/dot.h"
#include "kernels/exp_sum.h"
#include "kernels/first_above.h"
#include "kernels/hadamard.h"
#include "kernels/hamming.h"
#include "kernels/layer_norm.h"
#include "kernels/logits.h"
#include "kernels/lookup.h"
#include "kernels/normalize.h"
#include "kernels/quantize.h"
#include "kernels/rotary.h"
#include "kernels/scale_rows.h"
#include "kernels/small_halves.h"
#include "kernels/squared_length.h"

/// Every operation with variants: each is a function `<name>_scalar` and a function `<name>_simd128`.
#define WEMBED_FOR_EACH_KERNEL(KERNEL) \
  KERNEL(lookup)                       \
  KERNEL(bag)                          \
  KERNEL(normalize)                    \
  KERNEL(dot)                          \
  KERNEL(cosine)                       \
  KERNEL(squared_length)               \
  KERNEL(squared_quanta)               \
  KERNEL(quantize)                     \
  KERNEL(logits)                       \
  KERNEL(logits_many)                  \
  KERNEL(small_halves)                 \
  KERNEL(first_above)                  \
  KERNEL(hadamard)                     \
  KERNEL(hamming)                      \
  KERNEL(scale_rows)                   \
  KERNEL(divide)                       \
  KERNEL(exp_sum)                      \
  KERNEL(layer_norm)                   \
  KERNEL(rotary)

namespace wembed {

/// The kernels of one variant.
struct Kernels {
#define WEMBED_MEMBER(NAME) decltype(&NAME##_scalar) NAME;  // NOLINT(bugprone-macro-parentheses): it declares
  WEMBED_FOR_EACH_KERNEL(WEMBED_MEMBER)
#undef WEMBED_MEMBER
};

#ifdef WEMBED_ALL_VARIANTS
/// Native builds contain both variants and can switch between them, so that tests cover both.
extern Kernels kKernels;
extern const Kernels kScalarKernels, kSimd128Kernels;
#else
/// A .wasm file links exactly one of kernels_scalar.cc and kernels_simd128.cc and contains no code of the other
/// variant.
extern const Kernels kKernels;
#endif

}  // namespace wembed
