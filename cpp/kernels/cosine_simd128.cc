#include "kernels/cosine.h"
#include "kernels/squared_length.h"
#include "kernels/sum_simd128.h"

namespace wembed {

float cosine_simd128(const float* a, const float* b, size_t dim) {
  return cosine_of(sum_of_products_f64(a, b, dim), squared_length_simd128(a, dim), squared_length_simd128(b, dim));
}

}  // namespace wembed
