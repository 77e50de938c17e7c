#include "train/softmax_loss.h"

#include "bindings/call.h"
#include "bindings/exports.h"

namespace wembed::bindings {

double train_softmax_loss(uint32_t scores, uint32_t targets, uint32_t n, uint32_t m, float scale) {
  return train::softmax_loss(at<float>(scores), at<uint32_t>(targets), n, m, scale);
}

}  // namespace wembed::bindings
