#pragma once
#include <algorithm>
#include <cstring>

#include "text/bpe.h"
#include "text/piece_quick.h"

namespace wembed::text {

/// Text → ids where BPE on raw bytes is all there is to do: cuts the text by a pattern, and looks every piece up in what
/// pieces became before. One call a text: its loop is what speed comes down to.
/// @param most  stop where there are so many ids
/// @returns where it stopped: size, or the place of the first piece that was not looked at
using BpeText = size_t (*)(Bpe& bpe, Pattern pattern, const uint8_t* text, size_t size, size_t most,
                           Array<uint32_t>* ids);

size_t bpe_text_scalar(Bpe& bpe, Pattern pattern, const uint8_t* text, size_t size, size_t most, Array<uint32_t>* ids);
size_t bpe_text_simd128(Bpe& bpe, Pattern pattern, const uint8_t* text, size_t size, size_t most,
                        Array<uint32_t>* ids);

/// The variant's own. (A .wasm links one of text_variant_scalar.cc and text_variant_simd128.cc.)
extern const BpeText kBpeText;

namespace loop {

/// 16 bytes are read wherever a piece begins. The last ones of a text are copied to where others follow that end a piece
/// as the text's end does, or go on with it and are cut off.
struct Tail {
  uint8_t bytes[32];
  size_t take(const uint8_t* p, size_t n) {
    std::memset(bytes, '\n', sizeof bytes);
    std::memcpy(bytes, p, n);
    return n;
  }
};

template <class Block, Pattern kPattern>
size_t encode(Bpe& bpe, const uint8_t* text, size_t size, size_t most, Array<uint32_t>* ids) {
  PieceCache& cache = bpe.cache();
  Tail tail;
  const uint8_t *p = text, *end = text + size;
  uint32_t *out = ids->end(), *full = out;
  const auto make_room = [&] {
    // Three ids are written whatever counts.
    const size_t n = static_cast<size_t>(out - ids->data()), room = std::min<size_t>(static_cast<size_t>(end - p) / 4 + 64, 1 << 16);
    ids->resize(n);
    ids->extend(room);
    out = ids->data() + n;
    full = ids->end() - PieceCache::kMostIds;
    if (most < static_cast<size_t>(full - ids->data())) full = ids->data() + most;
  };
  const auto settle = [&] { ids->resize(static_cast<size_t>(out - ids->data())); };
  while (p < end) {
    if (end - p < 16 && end == text + size) {
      end = tail.bytes + tail.take(p, static_cast<size_t>(end - p));
      p = tail.bytes;
    }
    if (out >= full) {
      if (static_cast<size_t>(out - ids->data()) >= most) break;
      make_room();
    }
    const size_t left = static_cast<size_t>(end - p);
    size_t n = quick_piece<Block, kPattern>(p);
    if (n == 0) n = piece_end(kPattern, p, 0, left);
    if (n > left) n = left;
    uint64_t packed = 0;
    if (n <= PieceCache::kLongest) packed = cache.find(PieceCache::key_of_16(p, n));
    if (packed) {
      out += PieceCache::unpack(packed, out);
    } else {
      settle();
      bpe.add_ids(p, n, ids);
      out = full = ids->end();
    }
    p += n;
  }
  settle();
  return size - static_cast<size_t>(end - p);
}

}  // namespace loop

template <class Block>
size_t bpe_text(Bpe& bpe, Pattern pattern, const uint8_t* text, size_t size, size_t most, Array<uint32_t>* ids) {
  switch (pattern) {
    case Pattern::gpt2:
      return loop::encode<Block, Pattern::gpt2>(bpe, text, size, most, ids);
    case Pattern::cl100k:
      return loop::encode<Block, Pattern::cl100k>(bpe, text, size, most, ids);
    case Pattern::qwen2:
      return loop::encode<Block, Pattern::qwen2>(bpe, text, size, most, ids);
    case Pattern::qwen3_marks:
      return loop::encode<Block, Pattern::qwen3_marks>(bpe, text, size, most, ids);
    case Pattern::o200k:
      return loop::encode<Block, Pattern::o200k>(bpe, text, size, most, ids);
    case Pattern::tekken:
      return loop::encode<Block, Pattern::tekken>(bpe, text, size, most, ids);
  }
  return size;
}

}  // namespace wembed::text
