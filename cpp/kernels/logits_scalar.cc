#include "kernels/logits.h"
#include "kernels/row_scalar.h"

namespace wembed {
namespace {

int quantum_of(const TableView& table, uint32_t r, size_t d) {
  const uint8_t* row = table.row(r);
  if (table.dtype == Dtype::i8) return static_cast<int8_t>(row[d]);
  const uint8_t pair = row[d / kBlock * (kBlock / 2) + d % (kBlock / 2)];
  return (d % kBlock < kBlock / 2 ? pair & 15 : pair >> 4) - 8;
}

float logit_of_quanta(const TableView& table, const Hidden& hidden, uint32_t r) {
  const uint32_t run = table.dtype == Dtype::i4 ? kBlock : table.dim;  // numbers per scale
  float total = 0;
  for (uint32_t begin = 0; begin < table.dim; begin += run) {
    int64_t sum = 0;
    for (uint32_t d = begin; d < begin + run && d < table.dim; ++d) {
      const size_t at = table.dtype == Dtype::i4 ? begin + place_in_block(d - begin) : d;
      sum += quantum_of(table, r, d) * hidden.q[at];
    }
    const float scale =
        table.dtype == Dtype::i4 ? float_from_f16(table.scales_of(r)[begin / kBlock]) : table.row_scale(r);
    total += static_cast<float>(sum) * scale;
  }
  return total * hidden.scale;
}

}  // namespace

void logits_scalar(const TableView& table, const Hidden& hidden, uint32_t first, size_t n, float* out) {
  for (size_t i = 0; i < n; ++i) {
    const uint32_t r = first + static_cast<uint32_t>(i);
    if (table.dtype == Dtype::i8 || table.dtype == Dtype::i4) {
      out[i] = logit_of_quanta(table, hidden, r);
      continue;
    }
    float sums[16] = {};  // a row's rounding error grows with dim / 16
    for (size_t d = 0; d < table.dim; ++d) sums[d % 16] += value_at(table, r, d) * hidden.x[d];
    float total = 0;
    for (const float sum : sums) total += sum;
    out[i] = total;
  }
}

void logits_many_scalar(const TableView& table, const Hidden* hidden, size_t states, uint32_t first, size_t n, float*,
                        float* out, size_t stride) {
  for (size_t j = 0; j < states; ++j) logits_scalar(table, hidden[j], first, n, out + j * stride);
}

}  // namespace wembed
