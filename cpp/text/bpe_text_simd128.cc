#include "kernels/simd128.h"
#include "text/bpe_text.h"

namespace wembed::text {
namespace {

v128_t bytes_of(char c) { return wasm_i8x16_splat(c); }

v128_t between(v128_t bytes, char first, uint8_t above) {
  return wasm_u8x16_le(wasm_i8x16_sub(bytes, bytes_of(first)), bytes_of(static_cast<char>(above)));
}

uint64_t bits(v128_t lanes) { return static_cast<uint64_t>(static_cast<uint32_t>(wasm_i8x16_bitmask(lanes))); }

/// One bit for each of 64 bytes.
template <class Test>
[[gnu::always_inline]] inline uint64_t all(const v128_t* blocks, Test test) {
  return bits(test(blocks[0])) | bits(test(blocks[1])) << 16 | bits(test(blocks[2])) << 32 |
         bits(test(blocks[3])) << 48;
}

struct Block64Simd128 {
  // What a pattern does not ask for is not worked out: all of this is inlined.
  [[gnu::always_inline]] static Kinds64 kinds(const uint8_t* p) {
    const v128_t blocks[4] = {wasm_v128_load(p), wasm_v128_load(p + 16), wasm_v128_load(p + 32),
                              wasm_v128_load(p + 48)};
    Kinds64 k;
    k.upper = all(blocks, [](v128_t b) { return between(b, 'A', 25); });
    k.lower = all(blocks, [](v128_t b) { return between(b, 'a', 25); });
    k.digit = all(blocks, [](v128_t b) { return between(b, '0', 9); });
    k.blank = all(blocks, [](v128_t b) { return wasm_i8x16_eq(b, bytes_of(' ')); });
    k.line_end = all(blocks, [](v128_t b) {
      return wasm_v128_or(wasm_i8x16_eq(b, bytes_of('\n')), wasm_i8x16_eq(b, bytes_of('\r')));
    });
    k.tab = all(blocks, [](v128_t b) { return between(b, 9, 4); }) & ~k.line_end;
    k.apostrophe = all(blocks, [](v128_t b) { return wasm_i8x16_eq(b, bytes_of('\'')); });
    k.slash = all(blocks, [](v128_t b) { return wasm_i8x16_eq(b, bytes_of('/')); });
    k.wide = all(blocks, [](v128_t b) { return b; });
    return k;
  }
};

}  // namespace

size_t bpe_text_simd128(Bpe& bpe, Pattern pattern, const uint8_t* text, size_t size, size_t most,
                        Array<uint32_t>* ids) {
  return bpe_text<Block64Simd128>(bpe, pattern, text, size, most, ids);
}

}  // namespace wembed::text
