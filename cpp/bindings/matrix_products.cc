#include "bindings/call.h"
#include "bindings/exports.h"
#include "train/train_kernels.h"

namespace wembed::bindings {

using train::kTrainKernels;

void train_products(uint32_t a, uint32_t b, uint32_t n, uint32_t m, uint32_t dim, uint32_t out) {
  kTrainKernels.matrix_products(at<float>(a), at<float>(b), n, m, dim, at<float>(out));
}
void train_add_products(uint32_t g, uint32_t b, uint32_t n, uint32_t m, uint32_t dim, uint32_t out) {
  kTrainKernels.add_products({at<float>(g), m, 1}, at<float>(b), n, m, dim, at<float>(out));
}
void train_add_outer_products(uint32_t g, uint32_t a, uint32_t n, uint32_t m, uint32_t dim, uint32_t out) {
  kTrainKernels.add_products({at<float>(g), 1, m}, at<float>(a), m, n, dim, at<float>(out));
}

}  // namespace wembed::bindings
