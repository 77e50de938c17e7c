#pragma once
#include <cstdint>

#include "text/json_scanner.h"
#include "text/lists.h"

namespace wembed::text {

/// An entry of a tekken.json's vocabulary, `{"rank":0,"token_bytes":"YQ==","token_str":"a"}`, its keys in any order.
class TekkenToken {
 public:
  enum class Read { whole, not_all, cannot };

  /// @param begin  where the token's bytes go
  explicit TekkenToken(uint8_t* begin) : begin_(begin) {}

  /// Decodes the token. Its rank must be the number of the list's pieces.
  /// @param in     at the entry's beginning; after it where `whole` is returned
  /// @param lists  has room for the token, and for what its token_str spells
  Read read(JsonScanner* in, Lists* lists);

  /// Where its bytes end.
  uint8_t* end() const { return end_; }

 private:
  static constexpr uint32_t kNone = 0xFFFFFFFF;
  Read field(JsonScanner* in, Lists* lists);

  uint8_t* begin_;
  uint8_t* end_ = nullptr;
  uint32_t rank_ = kNone;
};

}  // namespace wembed::text
