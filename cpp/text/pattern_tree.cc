#include "text/pattern_tree.h"

namespace wembed::text {
namespace {

constexpr uint32_t kMostNodes = 4096, kMostSets = 512;

}  // namespace

PatternTree::~PatternTree() {
  for (CharSet* set : sets_) delete set;
}

Status PatternTree::read(bool literal) {
  root_ = literal ? literal_text() : alternatives(0);
  if (text_.ok() && !text_.at_end()) text_.bad("a parenthesis that nothing opens");
  return text_.status();
}

uint32_t PatternTree::node(const Node& made) {
  nodes_.push_back(made);
  nodes_.back().may_be_empty = may_be_empty(made);
  if (nodes_.size() > kMostNodes) text_.unsupported("a pattern of more parts than are covered");
  return static_cast<uint32_t>(nodes_.size() - 1);
}

bool PatternTree::may_be_empty(const Node& n) const {
  switch (n.kind) {
    case Kind::set:
      return false;
    case Kind::both:
      return nodes_[n.a].may_be_empty && nodes_[n.b].may_be_empty;
    case Kind::either:
      return nodes_[n.a].may_be_empty || nodes_[n.b].may_be_empty;
    case Kind::repeat:
      return n.min == 0 || nodes_[n.a].may_be_empty;
    case Kind::atomic:
      return nodes_[n.a].may_be_empty;
    default:
      return true;
  }
}

uint32_t PatternTree::literal_text() {
  uint32_t all = node(Kind::empty);
  while (!text_.at_end() && text_.ok()) all = node(Kind::both, all, character(text_.next()));
  return all;
}

uint32_t PatternTree::alternatives(uint32_t depth) {
  if (depth > PatternText::kMostNested) return text_.unsupported("a pattern of more groups in groups than are covered");
  const bool folds = text_.folds;
  uint32_t left = sequence(depth);
  while (text_.ok() && text_.take('|')) {
    const uint32_t right = sequence(depth);
    left = node(Kind::either, left, right);
  }
  text_.folds = folds;
  return left;
}

uint32_t PatternTree::sequence(uint32_t depth) {
  uint32_t all = node(Kind::empty);
  last_letter_ = 0;
  while (text_.ok() && !text_.at_end() && text_.peek() != '|' && text_.peek() != ')') {
    // Right to left, so that an alternative's parts are done in order when the tree is walked.
    const uint32_t one = repeated(depth);
    all = node(Kind::both, all, one);
  }
  return all;
}

uint32_t PatternTree::repeated(uint32_t depth) {
  uint32_t child = atom(depth);
  for (uint32_t more = 2; text_.ok();) {
    uint32_t min, max;
    const bool interval = text_.peek() == '{';
    if (!text_.quantifier(&min, &max)) return child;
    if (!more) return text_.unsupported("a repeat of a repeat");
    last_letter_ = 0;
    Greed greed = Greed::greedy;
    // After an interval `+` is no sign of a possessive one, and after `{2}` `?` none of a lazy one: each repeats it.
    if (text_.peek() == '?' && !(interval && min == max)) {
      text_.skip();
      greed = Greed::lazy;
    } else if (text_.peek() == '+' && !interval) {
      text_.skip();
      greed = Greed::possessive;
    }
    more = interval && greed == Greed::greedy ? more - 1 : 0;
    // Where such a loop ends, engines differ.
    if (max > 1 && nodes_[child].may_be_empty) return text_.unsupported("a repeat of what may take no text");
    const Kind kind = nodes_[child].kind;
    if (kind == Kind::look || kind == Kind::behind || kind == Kind::anchor)
      return text_.unsupported("a repeat of what takes no text");
    child = node({Kind::repeat, greed, false, child, 0, min, max, false});
  }
  return child;
}

uint32_t PatternTree::atom(uint32_t depth) {
  const uint32_t c = text_.next();
  if (c == '(') return group(depth);
  if (c == '[') return set_node(classes_.brackets(depth));
  if (c == '.') {
    CharSet set;
    set.push_range('\n', '\n');
    set.negate();
    return set_node(set);
  }
  if (c == '^') return anchor(Anchor::line_begin);
  if (c == '$') return anchor(Anchor::line_end);
  if (c == '*' || c == '+' || c == '?') return text_.bad("a repeat of nothing");
  if (c != '\\') return character(c);
  if (text_.take('A')) return anchor(Anchor::begin);
  if (text_.take('z')) return anchor(Anchor::end);
  if (text_.take('b')) return word_edge(false);
  if (text_.take('B')) return word_edge(true);
  if (text_.take('Z')) return anchor(Anchor::end_or_last_line);
  CharSet set;
  uint32_t cp;
  if (!classes_.escape(&set, &cp)) return set_node(set);
  return character(cp);
}

uint32_t PatternTree::anchor(Anchor which) {
  last_letter_ = 0;
  return node(Kind::anchor, static_cast<uint32_t>(which));
}

/// `\b`: a character of a word on one side only; negated, `\B`: on both or on none.
uint32_t PatternTree::word_edge(bool negated) {
  CharSet word;
  word.push_word(false);
  const uint32_t set = set_node(word);
  if (!text_.ok()) return 0;
  const uint32_t index = nodes_[set].a;
  const auto after = [&](bool none) { return node({Kind::behind, Greed::greedy, none, index, 0, 0, 0, false}); };
  const auto before = [&](bool none) { return node({Kind::look, Greed::greedy, none, set, 0, 0, 0, false}); };
  const uint32_t end = node(Kind::both, after(false), before(!negated));
  return node(Kind::either, end, node(Kind::both, after(true), before(negated)));
}

uint32_t PatternTree::group(uint32_t depth) {
  bool negated = false;
  Kind kind = Kind::both;
  const bool folds = text_.folds;
  if (text_.take("?:")) {
  } else if (text_.take("?>")) {
    kind = Kind::atomic;
  } else if (text_.take("?=")) {
    kind = Kind::look;
  } else if (text_.take("?!")) {
    kind = Kind::look;
    negated = true;
  } else if (text_.take("?<=")) {
    kind = Kind::behind;
  } else if (text_.take("?<!")) {
    kind = Kind::behind;
    negated = true;
  } else if (text_.take("?i:")) {
    text_.folds = true;
  } else if (text_.take("?-i:")) {
    text_.folds = false;
  } else if (text_.take("?i)")) {
    // To the end of the group it stands in, alternatives and all.
    text_.folds = true;
    const uint32_t rest = alternatives(depth + 1);
    return rest;
  } else if (text_.peek() == '?') {
    return text_.unsupported("a group of another kind");
  }
  const uint32_t child = alternatives(depth + 1);
  text_.folds = folds;
  last_letter_ = 0;
  if (!text_.ok()) return 0;
  if (!text_.take(')')) return text_.bad("a parenthesis that nothing closes");
  if (kind == Kind::both) return child;
  if (kind == Kind::behind) {
    const uint32_t set = only_set(child);
    if (set == PatternText::kNone) return text_.unsupported("looking behind at more than a character");
    return node({Kind::behind, Greed::greedy, negated, set, 0, 0, 0, false});
  }
  return node({kind, Greed::greedy, negated, child, 0, 0, 0, false});
}

/// The set where a tree is one character, or PatternText::kNone.
uint32_t PatternTree::only_set(uint32_t i) const {
  while (nodes_[i].kind == Kind::both && nodes_[nodes_[i].a].kind == Kind::empty) i = nodes_[i].b;
  return nodes_[i].kind == Kind::set ? nodes_[i].a : PatternText::kNone;
}

uint32_t PatternTree::set_node(CharSet& set) {
  last_letter_ = 0;
  if (!text_.ok()) return 0;
  if (!set.finish()) return text_.unsupported("a class of more classes in classes than are covered");
  if (sets_.size() == kMostSets) return text_.unsupported("a pattern of more classes than are covered");
  sets_.push_back(new CharSet(static_cast<CharSet&&>(set)));
  return node(Kind::set, static_cast<uint32_t>(sets_.size() - 1));
}

uint32_t PatternTree::character(uint32_t cp) {
  // Two letters that fold together to one character: ß is ss to who ignores case.
  const uint32_t letter = text_.folds && is_ascii_letter(cp) ? cp | 32 : 0, before = last_letter_;
  if ((before == 's' && (letter == 's' || letter == 't')) ||
      (before == 'f' && (letter == 'f' || letter == 'i' || letter == 'l')))
    return text_.unsupported("letters that fold to one character");
  uint32_t* known = cp < 0x80 ? &known_[text_.folds][cp] : nullptr;  // set + 1
  uint32_t made;
  if (known && *known) {
    made = node(Kind::set, *known - 1);
  } else {
    CharSet set;
    classes_.push_character(&set, cp);
    made = set_node(set);
    if (known && text_.ok()) *known = static_cast<uint32_t>(sets_.size());
  }
  last_letter_ = letter;
  return made;
}

}  // namespace wembed::text
