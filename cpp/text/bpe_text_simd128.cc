#include "kernels/simd128.h"
#include "text/bpe_text.h"
#include "text/wide_kinds.h"

namespace wembed::text {
namespace {

v128_t bytes_of(char c) { return wasm_i8x16_splat(c); }

/// Which of the bytes are in a range: as signed numbers, whose comparison is one instruction of the processor's; that
/// of unsigned ones is four.
v128_t in_range(v128_t bytes, uint8_t first, uint32_t n) {
  const v128_t from_lowest = wasm_i8x16_add(bytes, wasm_i8x16_splat(static_cast<int8_t>(0x80 - first)));
  return wasm_i8x16_lt(from_lowest, wasm_i8x16_splat(static_cast<int8_t>(0x80 + n)));
}

uint32_t bits(v128_t lanes) { return static_cast<uint32_t>(wasm_i8x16_bitmask(lanes)); }

/// One bit for each of 64 bytes.
template <class Test>
[[gnu::always_inline]] inline uint64_t all(const v128_t* blocks, Test test) {
  const uint32_t low = bits(test(blocks[0])) | bits(test(blocks[1])) << 16;
  const uint32_t high = bits(test(blocks[2])) | bits(test(blocks[3])) << 16;
  return low | uint64_t{high} << 32;
}

v128_t splat(uint8_t byte) { return wasm_i8x16_splat(static_cast<int8_t>(byte)); }
v128_t is_byte(v128_t bytes, uint8_t b) { return wasm_i8x16_eq(bytes, splat(b)); }
v128_t is_from(v128_t bytes, uint8_t first, uint8_t last) { return in_range(bytes, first, uint32_t{last} - first + 1); }
v128_t both(v128_t x, v128_t y) { return wasm_v128_and(x, y); }
template <class... More>
v128_t any(v128_t x, More... more) {
  if constexpr (sizeof...(More) == 0)
    return x;
  else
    return wasm_v128_or(x, any(more...));
}
v128_t but(v128_t x, v128_t y) { return wasm_v128_andnot(x, y); }
v128_t inside(v128_t bytes) { return wasm_i8x16_lt(bytes, splat(0xC0)); }  // as signed bytes

/// What wide_kind says of 64 characters that begin at consecutive places; of places inside a character: nothing. What
/// texts of another script have is not looked for. Not inlined: the loop around it would have no registers left.
[[gnu::noinline]] void wide64(const uint8_t* p, WideKinds64* found) {
  WideKinds64 kinds{};
  for (uint32_t i = 0; i < 64; i += 16, p += 16) {
    const v128_t a = wasm_v128_load(p), b = wasm_v128_load(p + 1);
    const v128_t two = inside(b), first_of2 = is_from(a, 0xC3, 0xDF);
    if (wasm_v128_any_true(first_of2)) {
      const v128_t c3 = is_byte(a, 0xC3), d0 = is_byte(a, 0xD0), d1 = is_byte(a, 0xD1);
      const v128_t below_a0 = is_from(b, 0x80, 0x9F);
      const v128_t upper =
          any(both(c3, but(is_from(b, 0x80, 0x9E), is_byte(b, 0x97))), both(d0, is_from(b, 0x80, 0xAF)));
      const v128_t lower = any(both(c3, but(is_from(b, 0x9F, 0xBF), is_byte(b, 0xB7))),
                               both(d0, is_from(b, 0xB0, 0xBF)), both(d1, below_a0));
      const v128_t latin = but(is_from(a, 0xC4, 0xC9), both(is_byte(a, 0xC5), is_byte(b, 0xBF)));
      const v128_t greek = any(both(is_byte(a, 0xCE), but(is_from(b, 0x91, 0xBF), is_byte(b, 0xA2))),
                               but(is_byte(a, 0xCF), is_byte(b, 0xB6)));
      const v128_t cyrillic = any(d1, both(is_byte(a, 0xD2), is_from(b, 0x8A, 0xBF)), is_byte(a, 0xD3));
      kinds.upper2 |= uint64_t{bits(upper)} << i;
      kinds.lower2 |= uint64_t{bits(lower)} << i;
      kinds.letter2 |= uint64_t{bits(any(upper, lower, both(two, any(latin, greek, cyrillic))))} << i;
    }
    if (!wasm_v128_any_true(is_from(a, 0xE0, 0xFF))) continue;
    const v128_t c = wasm_v128_load(p + 2), three = both(two, inside(c));
    const v128_t e3 = is_byte(a, 0xE3), ef = is_byte(a, 0xEF);
    const v128_t han =
        any(is_from(a, 0xE5, 0xE9), but(is_byte(a, 0xE4), is_byte(b, 0xB7)), both(e3, is_from(b, 0x90, 0xBF)));
    const v128_t hangul = any(both(is_byte(a, 0xEA), is_from(b, 0xB0, 0xBF)), is_from(a, 0xEB, 0xEC),
                              both(is_byte(a, 0xED), is_from(b, 0x80, 0x9D)));
    const v128_t kana = any(but(is_byte(b, 0x81), is_byte(c, 0x80)), but(is_byte(b, 0x82), is_from(c, 0x97, 0xA0)),
                            but(is_byte(b, 0x83), is_byte(c, 0xBB)));
    kinds.letter3 |= uint64_t{bits(both(three, any(han, hangul, both(e3, kana))))} << i;
    const v128_t dashes = both(is_byte(a, 0xE2), is_from(c, 0x90, 0xA7));
    const v128_t ideographic = both(e3, any(is_from(c, 0x81, 0x83), is_from(c, 0x88, 0xA0)));
    const v128_t full_width = any(both(is_byte(b, 0xBC), any(is_from(c, 0x81, 0x8F), is_from(c, 0x9A, 0xA0))),
                                  both(is_byte(b, 0xBD), is_from(c, 0x9B, 0xA5)));
    kinds.mark3 |= uint64_t{bits(any(both(is_byte(b, 0x80), any(dashes, ideographic)), both(ef, full_width)))} << i;
    const v128_t emoji = both(both(is_byte(a, 0xF0), is_byte(b, 0x9F)), is_from(c, 0x8C, 0xAB));
    if (wasm_v128_any_true(emoji)) kinds.mark4 |= uint64_t{bits(both(emoji, inside(wasm_v128_load(p + 3))))} << i;
  }
  *found = kinds;
}

struct Block64Simd128 {
  // What a pattern does not ask for is not worked out: all of this is inlined.
  [[gnu::always_inline]] static Kinds64 kinds(const uint8_t* p) {
    const v128_t blocks[4] = {wasm_v128_load(p), wasm_v128_load(p + 16), wasm_v128_load(p + 32),
                              wasm_v128_load(p + 48)};
    Kinds64 k;
    // A letter's two cases differ in one bit.
    k.letter = all(blocks, [](v128_t b) { return in_range(wasm_v128_or(b, bytes_of(32)), 'a', 26); });
    k.upper = all(blocks, [](v128_t b) { return in_range(b, 'A', 26); });
    k.lower = all(blocks, [](v128_t b) { return in_range(b, 'a', 26); });
    k.digit = all(blocks, [](v128_t b) { return in_range(b, '0', 10); });
    k.blank = all(blocks, [](v128_t b) { return wasm_i8x16_eq(b, bytes_of(' ')); });
    k.line_end = all(blocks, [](v128_t b) {
      return wasm_v128_or(wasm_i8x16_eq(b, bytes_of('\n')), wasm_i8x16_eq(b, bytes_of('\r')));
    });
    k.white = all(blocks, [](v128_t b) { return in_range(b, 9, 5); });
    k.tab = k.white & ~k.line_end;
    k.apostrophe = all(blocks, [](v128_t b) { return wasm_i8x16_eq(b, bytes_of('\'')); });
    k.slash = all(blocks, [](v128_t b) { return wasm_i8x16_eq(b, bytes_of('/')); });
    k.wide = all(blocks, [](v128_t b) { return b; });
    // Of a script that is not known nothing is gained.
    WideKinds64 beyond{};  // not in k: whose address nobody else has, so that what is not asked for is not there
    if (k.wide && may_be_known(p[__builtin_ctzll(k.wide)])) wide64(p, &beyond);
    k.beyond = beyond;
    return k;
  }
};

}  // namespace

size_t bpe_text_simd128(Bpe& bpe, Pattern pattern, const uint8_t* text, size_t size, size_t most,
                        Array<uint32_t>* ids) {
  return bpe_text<Block64Simd128>(bpe, pattern, text, size, most, ids);
}

}  // namespace wembed::text
