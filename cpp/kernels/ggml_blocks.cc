#include "kernels/ggml_blocks.h"

#include "core/dtype.h"

namespace wembed {
namespace {

/// Numbers that share a scale, a minimum and neighbouring bytes, in every type.
constexpr uint32_t kRun = 16;

/// Where the parts of a block are. A number's low bits are in bytes [low, …): the first `low_group` numbers are in the
/// lowest bits of `low_group` bytes, the next `low_group` numbers in the bits above them, and so on. Its high bits are
/// stored likewise, in groups of 32. Q5_0 and Q5_1 differ: they store the high bits one after another.
struct Layout {
  uint8_t type;
  uint8_t runs;   // numbers per block / kRun
  uint8_t bytes;  // a block's
  uint8_t d, m;   // f16: the scale and the minimum; m equals d if there is no minimum
  uint8_t low, low_bits, low_group;
  uint8_t high, high_bits;
  uint8_t scales;
  uint8_t offset;  // q is the stored number minus this
};

constexpr uint8_t code(GgmlType type) { return static_cast<uint8_t>(type); }

constexpr Layout kLayouts[] = {
    {code(GgmlType::q4_0), 2, 18, 0, 0, 2, 4, 16, 0, 0, 0, 8},
    {code(GgmlType::q4_1), 2, 20, 0, 2, 4, 4, 16, 0, 0, 0, 0},
    {code(GgmlType::q5_0), 2, 22, 0, 0, 6, 4, 16, 2, 1, 0, 16},
    {code(GgmlType::q5_1), 2, 24, 0, 2, 8, 4, 16, 4, 1, 0, 0},
    {code(GgmlType::q8_0), 2, 34, 0, 0, 2, 8, 32, 0, 0, 0, 0},
    {code(GgmlType::q2_k), 16, 84, 80, 82, 16, 2, 32, 0, 0, 0, 0},
    {code(GgmlType::q3_k), 16, 110, 108, 108, 32, 2, 32, 0, 1, 96, 4},
    {code(GgmlType::q4_k), 16, 144, 0, 2, 16, 4, 32, 0, 0, 4, 0},
    {code(GgmlType::q5_k), 16, 176, 0, 2, 48, 4, 32, 16, 1, 4, 0},
    {code(GgmlType::q6_k), 16, 210, 208, 208, 0, 4, 64, 128, 2, 192, 32},
    {code(GgmlType::iq4_nl), 2, 18, 0, 0, 2, 4, 16, 0, 0, 0, 0},
};

/// The 16 values of IQ4_NL, -127 to 113, modulo 256.
constexpr uint8_t kUneven[] = {129, 152, 173, 191, 207, 221, 234, 246, 1, 13, 25, 38, 53, 69, 89, 113};

const Layout* layout_of(uint32_t type) {
  for (const Layout& layout : kLayouts) {
    if (layout.type == type) return &layout;
  }
  return nullptr;
}

float half_at(const uint8_t* bytes) {
  uint16_t half;
  std::memcpy(&half, bytes, sizeof half);
  return float_from_f16(half);
}

/// The integer factors of a run's d and m.
struct Factors {
  int scale, min;
};

/// Q4_K and Q5_K: 8 scales and 8 minimums of 6 bits in 12 bytes. Bytes 0-3 and 4-7 hold the first four of each in their
/// low 6 bits. Their high 2 bits are the top bits of the others, whose low 4 bits are in bytes 8-11.
Factors packed_factors(const uint8_t* bytes, uint32_t part) {
  if (part < 4) return {bytes[part] & 63, bytes[part + 4] & 63};
  const uint8_t both = bytes[part + 4];
  return {(both & 15) | (bytes[part - 4] >> 6) << 4, (both >> 4) | (bytes[part] >> 6) << 4};
}

Factors factors_of(const Layout& layout, const uint8_t* block, uint32_t run) {
  const uint8_t* bytes = block + layout.scales;
  switch (static_cast<GgmlType>(layout.type)) {
    case GgmlType::q2_k:
      return {bytes[run] & 15, bytes[run] >> 4};
    case GgmlType::q3_k: {
      // 16 scales of 6 bits: 4 bits each in bytes 0-7, 2 bits each in bytes 8-11.
      const int low = bytes[run % 8] >> run / 8 * 4 & 15, high = bytes[8 + run % 4] >> run / 4 * 2 & 3;
      return {(low | high << 4) - 32, 0};
    }
    case GgmlType::q4_k:
    case GgmlType::q5_k:
      return packed_factors(bytes, run / 2);
    case GgmlType::q6_k:
      return {static_cast<int8_t>(bytes[run]), 0};
    default:
      return {1, -1};  // Q4_1 and Q5_1 add m
  }
}

/// A run's bits, low and high bits combined. The loops run over a fixed number of bytes, so that the compiler turns
/// each into a few instructions.
void read_run(const Layout& layout, const uint8_t* block, uint32_t run, uint8_t q[kRun]) {
  const uint32_t first = run * kRun;
  const uint32_t group = layout.low_group, chunk = group * 8 / layout.low_bits;
  const uint8_t* low = block + layout.low + first / chunk * group + first % group;
  const uint32_t shift = first % chunk / group * layout.low_bits;
  const uint8_t mask = static_cast<uint8_t>((1u << layout.low_bits) - 1);
  for (uint32_t i = 0; i < kRun; ++i) q[i] = low[i] >> shift & mask;
  if (layout.high_bits == 0) return;
  const bool bit_by_bit = layout.runs == 2;
  const uint32_t high_chunk = 256 / layout.high_bits;
  const uint8_t* high = block + layout.high + (bit_by_bit ? first / 8 : first / high_chunk * 32 + first % 32);
  if (bit_by_bit) {
    for (uint32_t i = 0; i < kRun; ++i) q[i] |= static_cast<uint8_t>((high[i / 8] >> i % 8 & 1) << layout.low_bits);
    return;
  }
  const uint32_t high_shift = first % high_chunk / 32 * layout.high_bits;
  const uint8_t high_mask = static_cast<uint8_t>((1u << layout.high_bits) - 1);
  for (uint32_t i = 0; i < kRun; ++i) {
    q[i] |= static_cast<uint8_t>((high[i] >> high_shift & high_mask) << layout.low_bits);
  }
}

}  // namespace

GgmlBlock ggml_block(uint32_t type) {
  const Layout* layout = layout_of(type);
  return layout ? GgmlBlock{layout->runs * kRun, layout->bytes} : GgmlBlock{0, 0};
}

void widen_ggml_row(uint32_t type, const uint8_t* row, uint32_t dim, float* out) {
  const Layout& layout = *layout_of(type);
  for (const float* end = out + dim; out != end; row += layout.bytes) {
    const float d = half_at(row + layout.d), m = half_at(row + layout.m);
    for (uint32_t run = 0; run < layout.runs; ++run) {
      const Factors factors = factors_of(layout, row, run);
      const float scale = d * static_cast<float>(factors.scale);
      // Subtracting 0 changes no number, not even -0.
      const float min = layout.m == layout.d ? 0 : m * static_cast<float>(factors.min);
      uint8_t q[kRun];
      read_run(layout, row, run, q);
      if (layout.type == code(GgmlType::iq4_nl)) {
        for (uint8_t& value : q) value = kUneven[value];
      }
      // Q8_0 stores signed bytes; the other types become signed by subtracting the offset.
      for (uint32_t i = 0; i < kRun; ++i) {
        out[i] = scale * static_cast<float>(static_cast<int8_t>(q[i] - layout.offset)) - min;
      }
      out += kRun;
    }
  }
}

}  // namespace wembed
