#include "train/word_sampler.h"

#include <cmath>

namespace wembed::train {
namespace {

constexpr double kDomain = 2147483647;  // 2^31 - 1
constexpr uint32_t kDomainBits = 31;

double keep_probability(double count, double threshold) {
  return (std::sqrt(count / threshold) + 1) * (threshold / count);
}

}  // namespace

WordSampler::WordSampler(const uint32_t* counts, uint32_t words, double sample, double exponent) : cumulated_(words) {
  double total = 0, powers = 0;
  for (uint32_t w = 0; w < words; ++w) {
    total += counts[w];
    powers += std::pow(static_cast<double>(counts[w]), exponent);
  }
  if (sample > 0) {
    const double threshold = sample < 1 ? sample * total : std::floor(sample * (3 + std::sqrt(5.0)) / 2);
    keep_.resize(words);
    for (uint32_t w = 0; w < words; ++w) {
      const double p = keep_probability(counts[w], threshold);
      keep_[w] = p < 1 ? static_cast<uint32_t>(p * 4294967295.0) : 0xffffffff;
    }
  }
  double sum = 0;
  for (uint32_t w = 0; w < words; ++w) {
    sum += std::pow(static_cast<double>(counts[w]), exponent);
    cumulated_[w] = static_cast<uint32_t>(std::nearbyint(sum / powers * kDomain));
  }
  cumulated_[words - 1] = static_cast<uint32_t>(kDomain);
  uint32_t bits = 1;
  while (bits < 22 && (1u << bits) < words) ++bits;
  shift_ = kDomainBits - bits;
  first_.resize((size_t{1} << bits));
  uint32_t word = 0;
  for (size_t b = 0; b < first_.size(); ++b) {
    while (cumulated_[word] < (b << shift_)) ++word;
    first_[b] = word;
  }
}

}  // namespace wembed::train
