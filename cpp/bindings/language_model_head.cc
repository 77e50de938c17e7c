#include "engine/language_model_head.h"

#include "bindings/call.h"
#include "bindings/exports.h"

namespace wembed::bindings {
namespace {

LanguageModelHead& head_at(uint32_t address) { return *at<LanguageModelHead>(address); }

}  // namespace

uint32_t head_create(uint32_t bias, uint32_t rows, float scale, float softcap, uint32_t out) {
  std::unique_ptr<LanguageModelHead> head;
  const Status status = LanguageModelHead::create(at<float>(bias), rows, scale, softcap, &head);
  *at<uint32_t>(out) = address_of(head.release());
  return report(status);
}

void head_free(uint32_t head) { delete at<LanguageModelHead>(head); }

uint32_t head_logits(uint32_t head, uint32_t table, uint32_t hidden, uint32_t n, uint32_t out) {
  return report(head_at(head).logits(*at<Table>(table), at<float>(hidden), n, at<float>(out)));
}
uint32_t head_top_k(uint32_t head, uint32_t table, uint32_t hidden, uint32_t n, uint32_t k, uint32_t out) {
  float* scores = at<float>(out) + size_t{n} * k;
  return report(head_at(head).top_k(*at<Table>(table), at<float>(hidden), n, k, at<uint32_t>(out), scores,
                                    scores + size_t{n} * k));
}
uint32_t head_sample(uint32_t head, uint32_t table, uint32_t hidden, float temperature, uint32_t top_k, float top_p,
                     float min_p, double u, uint32_t out) {
  return report(head_at(head).sample(*at<Table>(table), at<float>(hidden), {temperature, top_k, top_p, min_p}, u,
                                     at<uint32_t>(out)));
}
uint32_t head_log_probs(uint32_t head, uint32_t table, uint32_t hidden, uint32_t n, uint32_t targets, uint32_t out) {
  return report(
      head_at(head).log_probs(*at<Table>(table), at<float>(hidden), n, at<uint32_t>(targets), at<double>(out)));
}

}  // namespace wembed::bindings
