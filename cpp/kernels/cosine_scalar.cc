#include "kernels/cosine.h"

namespace wembed {
namespace {

double sum_of_products(const float* a, const float* b, size_t dim) {
  double sum = 0;
  for (size_t d = 0; d < dim; ++d) sum += static_cast<double>(a[d]) * b[d];
  return sum;
}

}  // namespace

float cosine_scalar(const float* a, const float* b, size_t dim) {
  return cosine_of(sum_of_products(a, b, dim), sum_of_products(a, a, dim), sum_of_products(b, b, dim));
}

}  // namespace wembed
