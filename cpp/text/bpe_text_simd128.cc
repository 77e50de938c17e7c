#include "kernels/simd128.h"
#include "text/bpe_text.h"

namespace wembed::text {
namespace {

struct Block16Simd128 {
  explicit Block16Simd128(const uint8_t* p) : bytes_(wasm_v128_load(p)) {}

  uint32_t letters(uint32_t from) const { return run(letter(), from); }
  uint32_t upper(uint32_t from) const { return run(between(bytes_, 'A', 25), from); }
  uint32_t lower(uint32_t from) const { return run(between(bytes_, 'a', 25), from); }
  uint32_t digits(uint32_t from) const { return run(digit(), from); }
  uint32_t spaces(uint32_t from) const { return run(space(), from); }
  uint32_t others(uint32_t from) const {
    // The uppermost bits tell: set where it is one of these, and in what is not ASCII.
    const v128_t known = wasm_v128_or(wasm_v128_or(letter(), digit()), wasm_v128_or(space(), bytes_));
    return first_clear(~static_cast<uint32_t>(wasm_i8x16_bitmask(known)) & 0xFFFF, from);
  }

 private:
  static v128_t between(v128_t bytes, uint8_t first, uint8_t above) {
    return wasm_u8x16_le(wasm_i8x16_sub(bytes, wasm_i8x16_splat(static_cast<int8_t>(first))), wasm_i8x16_splat(static_cast<int8_t>(above)));
  }
  v128_t letter() const { return between(wasm_v128_or(bytes_, wasm_i8x16_splat(static_cast<int8_t>(32))), 'a', 25); }
  v128_t digit() const { return between(bytes_, '0', 9); }
  v128_t space() const {
    return wasm_v128_or(wasm_i8x16_eq(bytes_, wasm_i8x16_splat(static_cast<int8_t>(' '))), between(bytes_, 9, 4));
  }
  /// How many lanes from `from` on are set.
  static uint32_t run(v128_t lanes, uint32_t from) {
    return first_clear(static_cast<uint32_t>(wasm_i8x16_bitmask(lanes)), from);
  }
  static uint32_t first_clear(uint32_t bits, uint32_t from) {
    return static_cast<uint32_t>(__builtin_ctz(~(bits >> from)));
  }

  v128_t bytes_;
};

}  // namespace

size_t bpe_text_simd128(Bpe& bpe, Pattern pattern, const uint8_t* text, size_t size, size_t most,
                        Array<uint32_t>* ids) {
  return bpe_text<Block16Simd128>(bpe, pattern, text, size, most, ids);
}

}  // namespace wembed::text
