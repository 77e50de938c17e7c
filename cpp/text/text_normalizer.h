#pragma once
#include <cstddef>
#include <cstdint>

#include "core/array.h"
#include "core/status.h"
#include "text/normalizer.h"
#include "text/text.h"

namespace wembed::text {

/// A stretch of a text as UTF-8 → normalized, with the place in the original of each byte. Long stretches are worked on
/// part by part, where that changes nothing, so that what is kept beside a text stays small.
class TextNormalizer {
 public:
  Status build(Reader* in);
  Normalizer* steps() { return &steps_; }
  void set_part(size_t bytes) { part_ = bytes; }

  /// What comes now is another text.
  void begin() { position_ = 0; }
  /// Replaces *out.
  /// @returns false where a pattern takes too many steps on this text
  bool apply(const uint8_t* text, size_t size, Text* out);
  /// Whether the first character of the last text that `apply` was given has gone: what it wrote begins with another's.
  bool starts_late() const { return starts_late_; }
  /// Passes over text that is not to be normalized, [from, to).
  /// @param at  the place in the text that has been reached: `from`, or after it
  /// @param begin, end  UTF-16 units of the original before it, and after
  void pass(const uint8_t* text, size_t at, size_t from, size_t to, uint32_t* begin, uint32_t* end);
  /// The end of the part of a text that begins at `begin`: before the first space between two letters or digits that
  /// comes late enough.
  size_t part_end(const uint8_t* text, size_t begin, size_t size) const;

 private:
  bool apply_part(const uint8_t* text, size_t size, bool at_start, bool at_end, Text* out);

  Normalizer steps_;
  bool by_parts_ = false;
  bool starts_late_ = false;
  size_t part_ = 1 << 16;
  static uint32_t units(const uint8_t* text, size_t size);

  uint32_t position_ = 0;  // UTF-16 units of the original before what is at hand
  Array<CodePoint> code_points_;
};

}  // namespace wembed::text
