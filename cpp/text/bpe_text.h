#pragma once
#include <algorithm>
#include <cstring>

#include "text/bpe.h"
#include "text/piece_starts.h"
#include "text/wide_kinds.h"

namespace wembed::text {

/// Text → ids where BPE on raw bytes is all there is to do: cuts the text by a pattern, and looks every piece up in
/// what pieces became before. One call a text: its loop is what speed comes down to.
/// @param most  stop where there are so many ids
/// @returns where it stopped: size, or the place of the first piece that was not looked at
using BpeText = size_t (*)(Bpe& bpe, Pattern pattern, const uint8_t* text, size_t size, size_t most,
                           Array<uint32_t>* ids);

size_t bpe_text_scalar(Bpe& bpe, Pattern pattern, const uint8_t* text, size_t size, size_t most, Array<uint32_t>* ids);
size_t bpe_text_simd128(Bpe& bpe, Pattern pattern, const uint8_t* text, size_t size, size_t most, Array<uint32_t>* ids);

/// The variant's own. (A .wasm links one of text_variant_scalar.cc and text_variant_simd128.cc.)
extern const BpeText kBpeText;

namespace loop {

constexpr size_t kBlock = 64, kRead = kBlock + 16;

/// The last bytes of a text, where more can be read after them: of no character, so that nothing depends on them.
struct Tail {
  uint8_t bytes[2 * kRead];
  void take(const uint8_t* p, size_t n) {
    std::memset(bytes, 0xFF, sizeof bytes);
    std::memcpy(bytes, p, n);
  }
};

/// What the pieces of a block can take: those of 64 bytes have no more ids than bytes, a longer one is alone.
constexpr size_t kMostOfBlock = LongPieceCache::kMostIds + LongPieceCache::kWritten;

/// Makes room for n more ids after `out`, up to which they count.
inline uint32_t* room_after(Array<uint32_t>* ids, uint32_t* out, size_t n) {
  ids->resize(static_cast<size_t>(out - ids->data()));
  return ids->extend(n);
}

/// Not inlined: engines optimise a function as a whole, and a small one sooner.
template <class Block, Pattern kPattern>
[[gnu::noinline]] size_t encode(Bpe& bpe, const uint8_t* text, size_t size, size_t most, Array<uint32_t>* ids) {
  const PieceCache& cache = bpe.cache();
  const LongPieceCache& long_cache = bpe.long_cache();
  const HashSeed seed = hash_seed();
  Tail tail;
  const uint8_t *p = text, *end = text + size;
  uint32_t *out = ids->end(), *full = out;
  bool in_tail = false;
  while (p < end && static_cast<size_t>(out - ids->data()) < most) {
    if (static_cast<size_t>(end - p) < kRead && !in_tail) {
      const size_t left = static_cast<size_t>(end - p);
      tail.take(p, left);
      p = tail.bytes;
      end = p + left;
      in_tail = true;
    }
    if (out >= full) {
      out = room_after(ids, out, 8 * kMostOfBlock);
      full = ids->end() - kMostOfBlock;
    }
    uint64_t starts = 0;
    if (*p < 0x80 || may_be_known(*p)) {
      const PieceStarts found = piece_starts<kPattern>(Block::kinds(p), p);
      starts = found.starts & ((uint64_t{1} << found.known) - 1) & ~uint64_t{1};
    }
    // A piece whose end is not seen in the block is looked up alone, as are those that take_block leaves.
    size_t begin = 0, next = starts ? 0 : piece_end(kPattern, p, 0, static_cast<size_t>(end - p));
    for (uint64_t left = starts;;) {
      if (left) {
        const uint64_t rest = cache.take_block(p, static_cast<uint32_t>(begin), left, long_cache.kept(), &out);
        if (rest != left) begin = 63 - static_cast<size_t>(__builtin_clzll(left & ~rest));
        if (!rest) break;
        next = static_cast<size_t>(__builtin_ctzll(rest));
        left = rest & (rest - 1);
      }
      const uint8_t* const piece = p + begin;
      const size_t n = next - begin;
      size_t known;
      if (n <= PieceCache::kLongest) {
        known = bpe.take_short(piece, n, out);
      } else {
        known = long_cache.take(piece, n, LongPieceCache::hash_of(piece, n, seed), out);
      }
      out += known;
      if (!known) {
        ids->resize(static_cast<size_t>(out - ids->data()));
        bpe.add_new(piece, n, static_cast<size_t>((in_tail ? tail.bytes + sizeof tail.bytes : end) - piece), ids);
        out = ids->extend(8 * kMostOfBlock);
        full = ids->end() - kMostOfBlock;
      }
      begin = next;
      if (!left) break;
    }
    p += begin;
  }
  ids->resize(static_cast<size_t>(out - ids->data()));
  return size - static_cast<size_t>(end - p);
}

}  // namespace loop

/// Through a table, so that no optimiser makes one huge function of all the loops: engines would find too few registers
/// for it.
template <class Block>
size_t bpe_text(Bpe& bpe, Pattern pattern, const uint8_t* text, size_t size, size_t most, Array<uint32_t>* ids) {
  using Loop = size_t (*)(Bpe&, const uint8_t*, size_t, size_t, Array<uint32_t>*);
  static constexpr Loop kLoops[] = {loop::encode<Block, Pattern::gpt2>,  loop::encode<Block, Pattern::cl100k>,
                                    loop::encode<Block, Pattern::qwen2>, loop::encode<Block, Pattern::qwen3_marks>,
                                    loop::encode<Block, Pattern::o200k>, loop::encode<Block, Pattern::tekken>};
  return kLoops[static_cast<size_t>(pattern)](bpe, text, size, most, ids);
}

}  // namespace wembed::text
