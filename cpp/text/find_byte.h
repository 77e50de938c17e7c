#pragma once
#include <cstddef>
#include <cstdint>

namespace wembed::text {

/// Where in text[at, size) a byte is first, or `size`. (WebAssembly's memchr takes four bytes at a time.)
using FindByte = size_t (*)(const uint8_t* text, size_t at, size_t size, uint8_t byte);

size_t find_byte_scalar(const uint8_t* text, size_t at, size_t size, uint8_t byte);
size_t find_byte_simd128(const uint8_t* text, size_t at, size_t size, uint8_t byte);

/// The variant's own.
extern const FindByte kFindByte;

}  // namespace wembed::text
