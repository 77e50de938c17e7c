#pragma once
#include <cstddef>
#include <cstdint>

#include "core/array.h"
#include "text/normalizer.h"

namespace wembed::text {

/// Normalized text on its way to the model: UTF-8, where each byte came from (if offsets are wanted), and the pieces.
struct Text {
  struct Piece {
    size_t begin, end;
  };
  Array<uint8_t> bytes;
  Array<Source> source;  // one a byte; empty where nobody asked
  Array<Piece> pieces;
  bool tracked = false;
};

}  // namespace wembed::text
