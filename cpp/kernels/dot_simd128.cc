#include "kernels/dot.h"
#include "kernels/sum_simd128.h"

namespace wembed {

float dot_simd128(const float* a, const float* b, size_t dim) {
  return static_cast<float>(sum_of_products_f64(a, b, dim));
}

}  // namespace wembed
