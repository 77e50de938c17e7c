#include "engine/kernels.h"

namespace wembed {

const Kernels kKernels = {lookup_scalar,       bag_scalar,         normalize_scalar, dot_scalar,
                          cosine_scalar,       quantize_scalar,    logits_scalar,    logits_many_scalar,
                          small_halves_scalar, first_above_scalar, exp_sum_scalar,   layer_norm_scalar,
                          rotary_scalar};

}  // namespace wembed
