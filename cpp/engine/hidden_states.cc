#include "engine/hidden_states.h"

#include <algorithm>
#include <cmath>

namespace wembed {
namespace {

float largest_of(const float* x, size_t n) {
  float largest = 0;
  for (size_t i = 0; i < n; ++i) largest = std::max(largest, std::fabs(x[i]));
  return largest;
}

float power_of_two(int exponent) { return float_from_bits(static_cast<uint32_t>(exponent + 127) << 23); }

size_t whole_blocks(uint32_t dim) { return size_t{blocks_per_row(dim)} * kBlock; }

}  // namespace

Status HiddenStates::check_finite(const float* x, size_t n, uint32_t dim) {
  const size_t numbers = n * dim;
  for (size_t i = 0; i < numbers; ++i) {
    if (!std::isfinite(x[i])) return {Code::invalid_argument, "a number that is not finite", x[i], 0, double(i)};
  }
  return {};
}

void HiddenStates::set(const TableView& table, const float* x, size_t n) {
  const uint32_t dim = table.dim;
  const bool quantized = table.dtype == Dtype::i8 || table.dtype == Dtype::i4;
  const bool split = table.dtype == Dtype::f16 || table.dtype == Dtype::bf16;
  forms_.resize(n, Hidden{});
  if (quantized) quanta_.assign(n * whole_blocks(dim), 0);
  if (table.dtype == Dtype::i4) eights_.assign(n * 4 * blocks_per_row(dim), 0);
  if (split) split_.resize(n * dim);
  for (size_t i = 0; i < n; ++i, x += dim) {
    forms_[i] = {};
    forms_[i].x = x;
    if (quantized) set_quanta(x, dim, table.dtype == Dtype::i4, i);
    if (table.dtype == Dtype::i4) set_eights(dim, i);
    if (split) set_split(x, dim, table.dtype == Dtype::f16, i);
  }
}

// The largest |split| is just below 2^-24, except for tiny vectors. The factor is applied in two steps if it is not an
// f32.
void HiddenStates::set_split(const float* x, uint32_t dim, bool scaled, size_t i) {
  int exponent = 0;
  if (scaled) {
    const float largest = largest_of(x, dim);
    exponent = largest > 0 ? std::min(14, -25 - std::ilogb(largest)) : 14;
  }
  const float once = power_of_two(exponent / 2), twice = power_of_two(exponent - exponent / 2);
  float* const split = split_.data() + i * dim;
  for (uint32_t d = 0; d < dim / 8 * 8; ++d) {
    split[d] = x[d / 8 * 8 + (d % 8 < 4 ? d % 4 * 2 : d % 4 * 2 + 1)] * once * twice;
  }
  forms_[i].split = split;
  forms_[i].split_scale = scaled ? power_of_two(-112 - exponent) : 1;
}

void HiddenStates::set_quanta(const float* x, uint32_t dim, bool in_blocks, size_t i) {
  const float scale = largest_of(x, dim) / 32767.0f;
  int16_t* const q = quanta_.data() + i * whole_blocks(dim);
  for (uint32_t d = 0; scale > 0 && d < dim; ++d) {
    const float quantum = std::nearbyint(x[d] / scale);
    const size_t at = in_blocks ? d / kBlock * kBlock + place_in_block(d % kBlock) : d;
    q[at] = static_cast<int16_t>(quantum > 32767 ? 32767 : quantum < -32767 ? -32767 : quantum);
  }
  forms_[i].scale = scale;
  forms_[i].q = q;
}

void HiddenStates::set_eights(uint32_t dim, size_t i) {
  int32_t* const eights = eights_.data() + i * 4 * blocks_per_row(dim);
  for (size_t at = 0; at < whole_blocks(dim); ++at) eights[at / kBlock * 4 + at % 8 / 2] += 8 * forms_[i].q[at];
  forms_[i].eights = eights;
}

}  // namespace wembed
