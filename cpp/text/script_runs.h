#pragma once
#include <cstddef>
#include <cstdint>

#include "core/array.h"
#include "core/status.h"
#include "text/text.h"
#include "text/vocab.h"

namespace wembed::text {

/// Which script each character is of, as `UnicodeScripts` has it, and the pieces that it makes of that.
class ScriptRuns {
 public:
  /// @param table  pairs of characters in UTF-8: where a run of one script begins, and the script's number; 0 is of no
  ///               script. Read for kind `scripts` of a specification (web/tokenizer/scripts.js).
  /// Errors: bad_file for a table that does not begin at 0 or does not rise.
  Status build(Bytes table);

  /// A piece begins at every character of another script than the last that was of one. What is of none stays with
  /// what comes before it; what nothing comes before is dropped, as in the reference.
  void split(const uint8_t* text, Text::Piece piece, Array<Text::Piece>* out) const;

 private:
  struct Run {
    uint32_t begin, script;
  };
  uint32_t script_of(uint32_t cp) const;

  Array<Run> runs_;
};

}  // namespace wembed::text
