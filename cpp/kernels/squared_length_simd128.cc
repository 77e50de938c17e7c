#include "kernels/squared_length.h"
#include "kernels/sum_simd128.h"

namespace wembed {

double squared_length_simd128(const float* x, size_t dim) { return sum_of_products_f64(x, x, dim); }

}  // namespace wembed
