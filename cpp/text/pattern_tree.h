#pragma once
#include <cstdint>

#include "core/array.h"
#include "core/status.h"
#include "text/char_set.h"
#include "text/pattern.h"
#include "text/pattern_classes.h"
#include "text/pattern_text.h"

namespace wembed::text {

/// A regular expression as a tree, whose leaves are sets of characters.
class PatternTree {
 public:
  using Greed = RegexPattern::Greed;
  using Anchor = RegexPattern::Anchor;
  enum class Kind : uint8_t { empty, set, both, either, repeat, look, behind, atomic, anchor };
  struct Node {
    Kind kind;
    Greed greed;
    bool negated;
    uint32_t a, b;      // nodes; of set and behind a set, of anchor which
    uint32_t min, max;  // of repeat
    bool may_be_empty;
  };

  PatternTree(const uint8_t* s, size_t size) : text_(s, size), classes_(&text_) {}
  ~PatternTree();
  PatternTree(const PatternTree&) = delete;
  PatternTree& operator=(const PatternTree&) = delete;

  /// @param literal  the text is to be found as it is
  /// Errors: bad_file, unsupported, with the place.
  Status read(bool literal);

  uint32_t root() const { return root_; }
  const Node& operator[](uint32_t node) const { return nodes_[node]; }
  /// The set where a tree is one character, or PatternText::kNone.
  uint32_t only_set(uint32_t node) const;
  Array<CharSet*>& sets() { return sets_; }

 private:
  uint32_t node(Kind kind, uint32_t a = 0, uint32_t b = 0) {
    return node({kind, Greed::greedy, false, a, b, 0, 0, false});
  }
  uint32_t node(const Node& made);
  bool may_be_empty(const Node& n) const;
  uint32_t literal_text();
  uint32_t alternatives(uint32_t depth);
  uint32_t sequence(uint32_t depth);
  uint32_t repeated(uint32_t depth);
  uint32_t atom(uint32_t depth);
  uint32_t anchor(Anchor which);
  uint32_t word_edge(bool negated);
  uint32_t group(uint32_t depth);
  uint32_t set_node(CharSet& set);
  uint32_t set_node(CharSet&& set) { return set_node(set); }
  uint32_t character(uint32_t cp);

  PatternText text_;
  PatternClasses classes_;
  uint32_t root_ = 0;
  uint32_t last_letter_ = 0;     // the letter before, in small, where case is ignored
  uint32_t known_[2][128] = {};  // the sets of one character
  Array<Node> nodes_;
  Array<CharSet*> sets_;
};

}  // namespace wembed::text
