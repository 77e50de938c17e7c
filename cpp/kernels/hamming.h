#pragma once
#include <cstddef>
#include <cstdint>

namespace wembed {

/// out[r] = how many bits of row r differ from those of x: the Hamming distance of sign bits. Exact.
/// @param rows   (n, bytes) u8
/// @param x      (bytes) u8
/// @param bytes  a multiple of 16; bits that stand for nothing are the same in all rows and x
/// @param out    (n) u32
void hamming_scalar(const uint8_t* rows, const uint8_t* x, size_t n, size_t bytes, uint32_t* out);
void hamming_simd128(const uint8_t* rows, const uint8_t* x, size_t n, size_t bytes, uint32_t* out);

}  // namespace wembed
