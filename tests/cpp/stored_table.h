#pragma once
#include <vector>

#include "arrays.h"
#include "core/view.h"

namespace wembed {

/// A random table in any dtype, with its values in f64: the reference for kernels. The f64 values come from the
/// definition of each format, not from the library's own decoders.
struct StoredTable {
  std::vector<uint8_t> bytes;
  std::vector<float> row_scales;
  std::vector<uint16_t> block_scales;
  std::vector<double> values;
  TableView view;

  double value(uint32_t r, size_t d) const { return values[static_cast<size_t>(r) * view.dim + d]; }
};

inline double half_value(uint16_t bits) {
  const int exponent = (bits >> 10) & 31, fraction = bits & 1023;
  const double sign = bits & 0x8000 ? -1 : 1;
  if (exponent == 31) return fraction ? NAN : sign * INFINITY;
  return sign * (exponent ? std::ldexp(1024 + fraction, exponent - 25) : std::ldexp(fraction, -24));
}

/// @param misalignment  bytes between the data and a 16-byte boundary
inline StoredTable random_table(Dtype dtype, uint32_t rows, uint32_t dim, size_t misalignment, Random& random) {
  StoredTable table;
  const size_t count = static_cast<size_t>(rows) * dim, bytes = row_bytes(dtype, dim);
  table.bytes.resize(rows * bytes + misalignment);
  table.values.resize(count);
  uint8_t* data = table.bytes.data() + misalignment;
  for (uint32_t r = 0; r < rows; ++r) table.row_scales.push_back(random.number());
  for (size_t i = 0; i < count; ++i) {
    if (dtype == Dtype::f32) {
      const float value = random.number() * std::ldexp(1.0f, static_cast<int>(random.below(9)) - 4);
      std::memcpy(data + 4 * i, &value, 4);
      table.values[i] = value;
    } else if (dtype == Dtype::f16) {
      uint16_t half = static_cast<uint16_t>(random.bits());
      if ((half & 0x7c00) == 0x7c00) half &= 0xbfff;  // finite; infinities have their own test
      std::memcpy(data + 2 * i, &half, 2);
      table.values[i] = half_value(half);
    } else if (dtype == Dtype::bf16) {
      const uint32_t bits = (random.bits() & 0xbfff) << 16;  // below 2, so that sums are finite
      const uint16_t half = static_cast<uint16_t>(bits >> 16);
      std::memcpy(data + 2 * i, &half, 2);
      table.values[i] = std::ldexp(bits & 0x7f800000 ? 0x800000 | (bits & 0x7fffff) : (bits & 0x7fffff) << 1,
                                   static_cast<int>(bits >> 23 & 255) - 150) *
                        (bits >> 31 ? -1.0 : 1.0);
    } else if (dtype == Dtype::i4) {
      const size_t row = i / dim, d = i % dim, blocks = (dim + 31) / 32;
      if (d == 0) {
        for (size_t k = 0; k < bytes; ++k) data[row * bytes + k] = static_cast<uint8_t>(random.bits());
        for (size_t k = 0; k < blocks; ++k) table.block_scales.push_back(random.bits() & 0xbfff);
      }
      const uint8_t byte = data[row * bytes + d / 32 * 16 + d % 16];
      table.values[i] =
          half_value(table.block_scales[row * blocks + d / 32]) * ((d % 32 < 16 ? byte & 15 : byte >> 4) - 8);
    } else {
      const int8_t byte = static_cast<int8_t>(random.bits());
      data[i] = static_cast<uint8_t>(byte);
      table.values[i] = static_cast<double>(table.row_scales[i / dim]) * byte;
    }
  }
  table.view = {
      dtype, rows, dim, data, dtype == Dtype::i8 ? table.row_scales.data() : nullptr, 1.0f, table.block_scales.data()};
  return table;
}

inline const std::vector<Dtype>& all_dtypes() {
  static const std::vector<Dtype> dtypes = {Dtype::f32, Dtype::f16, Dtype::i8, Dtype::bf16, Dtype::i4};
  return dtypes;
}

}  // namespace wembed
