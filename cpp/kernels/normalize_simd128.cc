#include <cmath>

#include "kernels/normalize.h"
#include "kernels/squared_length.h"
#include "kernels/sum_simd128.h"

namespace wembed {

bool normalize_simd128(float* x, size_t n, size_t dim, double epsilon) {
  bool finite = true;
  for (size_t i = 0; i < n; ++i, x += dim) {
    const double squared = squared_length_simd128(x, dim);
    finite = finite && std::isfinite(squared);
    const double norm = std::sqrt(squared) + epsilon;
    if (norm == 0) continue;
    // One division per row instead of one per value costs half an f64 ulp, invisible after rounding to f32. If 1/norm
    // itself would overflow, every value is so small that dividing is exact enough; that is rare enough to be slow.
    const double inverse = 1 / norm;
    const bool overflows = std::isinf(inverse);
    const v128_t inverse_f64x2 = wasm_f64x2_splat(inverse);
    size_t d = 0;
    for (; !overflows && d + 4 <= dim; d += 4) {
      const v128_t values = wasm_v128_load(x + d);
      const v128_t low = wasm_f64x2_mul(wasm_f64x2_promote_low_f32x4(values), inverse_f64x2);
      const v128_t high = wasm_f64x2_mul(promote_high_f32x4(values), inverse_f64x2);
      wasm_v128_store(x + d,
                      wasm_i64x2_shuffle(wasm_f32x4_demote_f64x2_zero(low), wasm_f32x4_demote_f64x2_zero(high), 0, 2));
    }
    for (; d < dim; ++d) x[d] = static_cast<float>(x[d] / norm);
  }
  return finite;
}

}  // namespace wembed
