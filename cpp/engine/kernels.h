#pragma once
#include "kernels/bag.h"
#include "kernels/dot.h"
#include "kernels/exp_sum.h"
#include "kernels/first_above.h"
#include "kernels/layer_norm.h"
#include "kernels/logits.h"
#include "kernels/lookup.h"
#include "kernels/normalize.h"
#include "kernels/quantize.h"
#include "kernels/rotary.h"
#include "kernels/small_halves.h"

namespace wembed {

/// The kernels of one variant. A .wasm file links exactly one of kernels_scalar.cc and kernels_simd128.cc, so the
/// other variant's code is not in it.
struct Kernels {
  decltype(&lookup_scalar) lookup;
  decltype(&bag_scalar) bag;
  decltype(&normalize_scalar) normalize;
  decltype(&dot_scalar) dot;
  decltype(&cosine_scalar) cosine;
  decltype(&quantize_scalar) quantize;
  decltype(&logits_scalar) logits;
  decltype(&logits_many_scalar) logits_many;
  decltype(&small_halves_scalar) small_halves;
  decltype(&first_above_scalar) first_above;
  decltype(&exp_sum_scalar) exp_sum;
  decltype(&layer_norm_scalar) layer_norm;
  decltype(&rotary_scalar) rotary;
};

extern const Kernels kKernels;

}  // namespace wembed
