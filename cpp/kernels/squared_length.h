#pragma once
#include <cstddef>
#include <cstdint>

namespace wembed {

/// Σ x[i]² of an f32 vector: 0 for a zero vector, NaN or +inf if it contains a NaN or ±inf.
/// Numerics: exact products, sums in f64, so that no f32 vector overflows or vanishes; relative error ≤ dim · 2^-53.
double squared_length_scalar(const float* x, size_t dim);
double squared_length_simd128(const float* x, size_t dim);

/// Whether `squared_quanta` sums so many integers: whole registers, and a sum that fits 32 bits.
constexpr bool is_summable(size_t dim) { return (dim & ~size_t{0x1fff8}) == 0; }

/// Σ q[i]² of the integers of an i8 row, exact.
/// @param dim  summable: a multiple of 8 below 2^17
uint32_t squared_quanta_scalar(const int8_t* q, size_t dim);
uint32_t squared_quanta_simd128(const int8_t* q, size_t dim);

}  // namespace wembed
