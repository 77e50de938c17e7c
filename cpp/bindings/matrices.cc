#include "bindings/call.h"
#include "bindings/exports.h"
#include "train/softmax_loss.h"
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
double train_softmax_loss(uint32_t scores, uint32_t targets, uint32_t n, uint32_t m, float scale) {
  return train::softmax_loss(at<float>(scores), at<uint32_t>(targets), n, m, scale);
}

}  // namespace wembed::bindings
