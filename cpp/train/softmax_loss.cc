#include "train/softmax_loss.h"

#include <cmath>

namespace wembed::train {

double softmax_loss(float* scores, const uint32_t* targets, size_t n, size_t m, float scale) {
  double loss = 0;
  for (size_t i = 0; i < n; ++i) {
    float* row = scores + i * m;
    float largest = row[0];
    for (size_t j = 1; j < m; ++j) {
      if (row[j] > largest) largest = row[j];
    }
    const float wanted = row[targets[i]];
    double sum = 0;
    for (size_t j = 0; j < m; ++j) {
      row[j] = std::exp(row[j] - largest);
      sum += row[j];
    }
    loss += std::log(sum) + (static_cast<double>(largest) - wanted);
    const float factor = static_cast<float>(scale / sum);
    for (size_t j = 0; j < m; ++j) row[j] *= factor;
    row[targets[i]] -= scale;
  }
  return loss;
}

}  // namespace wembed::train
