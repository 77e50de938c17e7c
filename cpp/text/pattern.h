#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/array.h"
#include "core/status.h"
#include "text/char_set.h"

namespace wembed::text {

/// A regular expression as tokenizer.json files have them (Oniguruma, Ruby's syntax): characters, classes with nested
/// ones, && and ^, \p{…}, alternatives, greedy, lazy and possessive repeats, groups, look-ahead, one character's
/// look-behind, anchors, case folding of ASCII. No groups are captured and none referred to.
/// Finds what the reference finds: it tries alternatives in the same order. A step more than a bound in proportion to
/// the text's length, and it gives up and says so.
class RegexPattern {
 public:
  // What a pattern is made into.
  enum class Op : uint8_t { set, run, split, loop, jump, look, behind, atomic, anchor, done };
  enum class Greed : uint8_t { greedy, lazy, possessive };
  enum class Anchor : uint8_t { line_begin, line_end, begin, end, end_or_last_line };
  struct Step {
    Op op;
    Greed greed;
    bool negated;
    uint32_t a, b;      // sets, places in the program
    uint32_t min, max;  // of a run
  };

  /// @param literal  the text is to be found as it is
  /// Errors: bad_file for what is no regular expression, unsupported for one with other parts, with the place.
  Status build(const uint8_t* regex, size_t size, bool literal);

  /// Calls sink(begin, end) for each match of a text, from left to right.
  /// @returns false where it gave up
  template <class Sink>
  bool find_all(const uint8_t* text, size_t size, Sink&& sink) {
    begin(text, size);
    size_t at = 0, last = SIZE_MAX;
    Match match;
    while (at <= size && find(at, &match)) {
      const bool empty = match.begin == match.end;
      // An empty match where the last one ended is passed over.
      if (!empty || match.end != last) sink(match.begin, match.end);
      last = match.end;
      at = empty ? after(match.end) : match.end;
    }
    return !gave_up_;
  }

 private:
  struct Match {
    size_t begin, end;
  };
  /// What is tried where what came after it fails: to go on at `pc` from `at`; a run gives back down to, or takes up
  /// to, `limit` characters first.
  struct Choice {
    uint32_t pc;
    uint32_t left;  // that a lazy run may still take
    size_t at, limit;
    bool is_jump;  // just go on at pc
  };

  struct Seen {
    uint64_t run, place;
  };

  void begin(const uint8_t* text, size_t size);
  bool find(size_t from, Match* match);
  size_t after(size_t at) const;
  bool run(uint32_t pc, size_t at, size_t* end);
  bool step(uint32_t* pc, size_t* at);
  bool take_run(const Step& step, uint32_t* pc, size_t* at);
  bool retry(size_t base, uint32_t* pc, size_t* at);
  bool seen(uint32_t pc, size_t at);
  bool holds(Anchor anchor, size_t at) const;
  size_t one(const CharSet& set, size_t at) const;

  Array<Step> program_;
  std::unique_ptr<CharSet[]> sets_;
  uint32_t set_count_ = 0;

  // Of the text at hand.
  const uint8_t* text_ = nullptr;
  size_t size_ = 0;
  uint64_t steps_ = 0, most_steps_ = 0;
  uint64_t serial_ = 0, runs_ = 0;  // which run this is, and how many there were
  bool gave_up_ = false;
  Array<Choice> choices_;
  Array<Seen> seen_;
};

}  // namespace wembed::text
