#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace wembed::text {

/// Writes the vocabulary section of a spec (web/tokenizer/compile.js) in one pass: the number of pieces, 1, offsets
/// (n + 1), ids (n), the length of the pieces' bytes, these, padding to a word. Ids and bytes are put where they cannot
/// meet the offsets, and moved up when their number is known.
class VocabSectionWriter {
 public:
  /// @param size  of the file: an entry takes at least five bytes of it, and no fewer than its piece
  /// @param out   room for 3 * size + 64 bytes
  VocabSectionWriter(size_t size, uint8_t* out) : out_(out) {
    const size_t apart = (size + 16) & ~size_t{3};
    ids_ = out + apart;
    bytes_ = at = out + 2 * apart;
    put(out, 2, 0);
  }

  /// The piece whose bytes the caller has written to `at`, up to where `at` is now.
  void add(uint32_t id) {
    put(ids_, n_, id);
    put(out_, 3 + size_t{n_++}, static_cast<uint32_t>(at - bytes_));
  }

  bool empty() const { return n_ == 0; }
  /// @returns the bytes written
  size_t finish();

  /// Where the next piece's bytes go.
  uint8_t* at;

 private:
  static void put(uint8_t* out, size_t word, uint32_t value) { std::memcpy(out + 4 * word, &value, 4); }

  uint8_t *out_, *ids_, *bytes_;
  uint32_t n_ = 0;
};

}  // namespace wembed::text
