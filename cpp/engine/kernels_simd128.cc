#include "engine/kernels.h"

namespace wembed {

const Kernels kKernels = {lookup_simd128,       bag_simd128,         normalize_simd128, dot_simd128,
                          cosine_simd128,       quantize_simd128,    logits_simd128,    logits_many_simd128,
                          small_halves_simd128, first_above_simd128, exp_sum_simd128,   layer_norm_simd128,
                          rotary_simd128};

}  // namespace wembed
