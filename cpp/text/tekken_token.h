#pragma once
#include <cstdint>

#include "text/json_scanner.h"
#include "text/lists.h"

namespace wembed::text {

/// An entry of a tekken.json's vocabulary, `{"rank":0,"token_bytes":"YQ==","token_str":"a"}`, its keys in any order.
struct TekkenToken {
  enum class Read { whole, not_all, cannot };

  /// Decodes the token to `begin`. Its rank must be the number of the list's pieces.
  /// @param in     at the entry's beginning; after it where `whole` is returned
  /// @param lists  has room for the token, and for what its token_str spells
  Read read(JsonScanner* in, Lists* lists);

  uint8_t* begin;
  /// Where the token's bytes end; null where there are none.
  uint8_t* end = nullptr;

 private:
  static constexpr uint32_t kNone = 0xFFFFFFFF;
  Read field(JsonScanner* in, Lists* lists);

  uint32_t rank_ = kNone;
};

}  // namespace wembed::text
