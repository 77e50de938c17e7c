#pragma once
#include <cstdint>

#include "text/char_set.h"
#include "text/pattern_text.h"

namespace wembed::text {

/// Reads what stands for sets of characters in a regular expression: escapes, properties, brackets.
class PatternClasses {
 public:
  explicit PatternClasses(PatternText* text) : text_(*text) {}

  /// Pushes a character, and those of other case where it is ignored.
  void push_character(CharSet* set, uint32_t cp);
  /// What follows a backslash. True for a character, else pushes a set.
  bool escape(CharSet* set, uint32_t* cp, bool in_brackets = false);
  /// What stands between brackets; the first is taken.
  CharSet brackets(uint32_t depth);

 private:
  bool check(uint32_t cp);
  void property(CharSet* set, bool negated);
  void close_part(CharSet* all, CharSet* part, bool* intersected);
  void member(CharSet* part);

  PatternText& text_;
};

}  // namespace wembed::text
