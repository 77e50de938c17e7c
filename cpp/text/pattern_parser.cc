#include <cstring>

#include "text/pattern.h"

namespace wembed::text {
namespace {

constexpr uint32_t kNone = 0xFFFFFFFF, kNoLimit = 0xFFFFFFFF;
constexpr uint32_t kMostSteps = 4096, kMostSets = 512, kMostNested = 32, kMostRepeats = 1000;

struct Name {
  const char* name;
  uint32_t categories;
};
constexpr uint32_t bits(Category first, Category last) {
  uint32_t all = 0;
  for (uint32_t c = static_cast<uint32_t>(first); c <= static_cast<uint32_t>(last); ++c) all |= 1u << c;
  return all;
}
constexpr uint32_t bit(Category c) { return bits(c, c); }
using C = Category;
const Name kNames[] = {
    {"l", bits(C::lu, C::lo)},
    {"lu", bit(C::lu)},
    {"ll", bit(C::ll)},
    {"lt", bit(C::lt)},
    {"lm", bit(C::lm)},
    {"lo", bit(C::lo)},
    {"m", bits(C::mn, C::me)},
    {"mn", bit(C::mn)},
    {"mc", bit(C::mc)},
    {"me", bit(C::me)},
    {"n", bits(C::nd, C::no)},
    {"nd", bit(C::nd)},
    {"nl", bit(C::nl)},
    {"no", bit(C::no)},
    {"p", bits(C::pc, C::po)},
    {"pc", bit(C::pc)},
    {"pd", bit(C::pd)},
    {"ps", bit(C::ps)},
    {"pe", bit(C::pe)},
    {"pi", bit(C::pi)},
    {"pf", bit(C::pf)},
    {"po", bit(C::po)},
    {"s", bits(C::sm, C::so)},
    {"sm", bit(C::sm)},
    {"sc", bit(C::sc)},
    {"sk", bit(C::sk)},
    {"so", bit(C::so)},
    {"z", bits(C::zs, C::zp)},
    {"zs", bit(C::zs)},
    {"zl", bit(C::zl)},
    {"zp", bit(C::zp)},
    {"cc", bit(C::cc)},
    {"cf", bit(C::cf)},
    {"co", bit(C::co)},
    {"letter", bits(C::lu, C::lo)},
    {"mark", bits(C::mn, C::me)},
    {"number", bits(C::nd, C::no)},
    {"punctuation", bits(C::pc, C::po)},
    {"symbol", bits(C::sm, C::so)},
    {"separator", bits(C::zs, C::zp)},
};

bool is_digit(uint32_t c) { return c - '0' < 10; }
bool is_ascii_letter(uint32_t c) { return (c | 32) - 'a' < 26; }

}  // namespace

/// Reads a regular expression into a tree, and writes that as a program.
class PatternParser {
 public:
  PatternParser(RegexPattern* out, const uint8_t* s, size_t size) : out_(*out), s_(s), size_(size) {}

  Status parse(bool literal) {
    out_.program_.clear();
    const uint32_t root = literal ? literal_text() : alternatives(0);
    if (status_.ok() && at_ < size_) bad("a parenthesis that nothing opens");
    if (status_.ok()) emit(root);
    if (status_.ok()) add({Op::done, Greed::greedy, false, 0, 0, 0, 0});
    if (!status_.ok()) return status_;
    out_.set_count_ = static_cast<uint32_t>(sets_.size());
    return {};
  }

 private:
  using Op = RegexPattern::Op;
  using Greed = RegexPattern::Greed;
  using Anchor = RegexPattern::Anchor;
  enum class Kind : uint8_t { empty, set, both, either, repeat, look, behind, atomic, anchor };
  struct Node {
    Kind kind;
    Greed greed;
    bool negated;
    uint32_t a, b, min, max;
    bool may_be_empty;
  };

  // What stops at the first fault.
  uint32_t bad(const char* what) { return fault(Code::bad_file, what); }
  uint32_t unsupported(const char* what) { return fault(Code::unsupported, what); }
  uint32_t fault(Code code, const char* what) {
    if (status_.ok()) status_ = {code, what, double(at_), double(size_)};
    at_ = size_;
    return 0;
  }

  uint32_t node(Kind kind, uint32_t a = 0, uint32_t b = 0) {
    return node({kind, Greed::greedy, false, a, b, 0, 0, false});
  }
  uint32_t node(const Node& made) {
    nodes_.push_back(made);
    nodes_.back().may_be_empty = may_be_empty(made);
    if (nodes_.size() > kMostSteps) unsupported("a pattern of more parts than are covered");
    return static_cast<uint32_t>(nodes_.size() - 1);
  }

  bool may_be_empty(const Node& n) const {
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

  uint32_t peek() const { return at_ < size_ ? s_[at_] : kNone; }
  bool take(char c) {
    if (peek() != static_cast<uint8_t>(c)) return false;
    ++at_;
    return true;
  }
  bool take(const char* text) {
    const size_t n = std::strlen(text);
    if (size_ - at_ < n || std::memcmp(s_ + at_, text, n) != 0) return false;
    at_ += n;
    return true;
  }
  uint32_t next() {
    if (at_ >= size_) return bad("a pattern that ends too soon");
    uint32_t length;
    const uint32_t cp = decode_utf8(s_ + at_, s_ + size_, &length);
    at_ += length;
    return cp;
  }

  uint32_t literal_text() {
    uint32_t all = node(Kind::empty);
    while (at_ < size_ && status_.ok()) all = node(Kind::both, all, character(next()));
    return all;
  }

  uint32_t alternatives(uint32_t depth) {
    if (depth > kMostNested) return unsupported("a pattern of more groups in groups than are covered");
    const bool folds = folds_;
    uint32_t left = sequence(depth);
    while (status_.ok() && take('|')) {
      const uint32_t right = sequence(depth);
      left = node(Kind::either, left, right);
    }
    folds_ = folds;
    return left;
  }

  uint32_t sequence(uint32_t depth) {
    uint32_t all = node(Kind::empty);
    last_letter_ = 0;
    while (status_.ok() && at_ < size_ && peek() != '|' && peek() != ')') {
      // Right to left, so that an alternative's parts are done in order when the tree is walked.
      const uint32_t one = repeated(depth);
      all = node(Kind::both, all, one);
    }
    return all;
  }

  uint32_t repeated(uint32_t depth) {
    uint32_t child = atom(depth);
    for (bool first = true; status_.ok(); first = false) {
      uint32_t min, max;
      const bool interval = peek() == '{';
      if (!quantifier(&min, &max)) return child;
      if (!first) return unsupported("a repeat of a repeat");
      last_letter_ = 0;
      Greed greed = Greed::greedy;
      if (peek() == '?') {
        if (interval && min == max) return unsupported("a repeat of a repeat");
        ++at_;
        greed = Greed::lazy;
      } else if (peek() == '+') {
        if (interval) return unsupported("a repeat of a repeat");
        ++at_;
        greed = Greed::possessive;
      }
      // Where such a loop ends, engines differ.
      if (max > 1 && nodes_[child].may_be_empty) return unsupported("a repeat of what may take no text");
      const Kind kind = nodes_[child].kind;
      if (kind == Kind::look || kind == Kind::behind || kind == Kind::anchor)
        return unsupported("a repeat of what takes no text");
      child = node({Kind::repeat, greed, false, child, 0, min, max, false});
    }
    return child;
  }

  bool quantifier(uint32_t* min, uint32_t* max) {
    *min = 0;
    *max = kNoLimit;
    if (take('*')) return true;
    if (take('+')) return *min = 1, true;
    if (take('?')) return *max = 1, true;
    const size_t begin = at_;
    if (!take('{')) return false;
    const bool has_min = number(min), comma = take(',');
    const bool has_max = comma ? number(max) : (*max = *min, has_min);
    if (!take('}') || !(has_min || has_max)) {  // then it is a brace
      at_ = begin;
      return false;
    }
    if ((has_min && *min > kMostRepeats) || (has_max && *max > kMostRepeats)) unsupported("a repeat of too many times");
    if (*min > *max) unsupported("a repeat whose bounds are reversed");
    return true;
  }

  bool number(uint32_t* value) {
    if (!is_digit(peek())) return false;
    uint32_t n = 0;
    while (is_digit(peek())) n = n > kMostRepeats ? n : n * 10 + (s_[at_] - '0'), ++at_;
    *value = n;
    return true;
  }

  uint32_t atom(uint32_t depth) {
    const uint32_t c = next();
    if (c == '(') return group(depth);
    if (c == '[') return set_node(brackets(depth));
    if (c == '.') {
      CharSet set;
      set.push_range('\n', '\n');
      set.negate();
      return set_node(set);
    }
    if (c == '^') return anchor(Anchor::line_begin);
    if (c == '$') return anchor(Anchor::line_end);
    if (c == '*' || c == '+' || c == '?') return bad("a repeat of nothing");
    if (c != '\\') return character(c);
    if (take('A')) return anchor(Anchor::begin);
    if (take('z')) return anchor(Anchor::end);
    if (take('Z')) return anchor(Anchor::end_or_last_line);
    CharSet set;
    uint32_t cp;
    if (!escape(&set, &cp)) return set_node(set);
    return character(cp);
  }

  uint32_t anchor(Anchor which) {
    last_letter_ = 0;
    return node(Kind::anchor, static_cast<uint32_t>(which));
  }

  uint32_t group(uint32_t depth) {
    bool negated = false;
    Kind kind = Kind::both;
    const bool folds = folds_;
    if (take("?:")) {
    } else if (take("?>")) {
      kind = Kind::atomic;
    } else if (take("?=")) {
      kind = Kind::look;
    } else if (take("?!")) {
      kind = Kind::look;
      negated = true;
    } else if (take("?<=")) {
      kind = Kind::behind;
    } else if (take("?<!")) {
      kind = Kind::behind;
      negated = true;
    } else if (take("?i:")) {
      folds_ = true;
    } else if (take("?-i:")) {
      folds_ = false;
    } else if (take("?i)")) {
      // To the end of the group it stands in, alternatives and all.
      folds_ = true;
      const uint32_t rest = alternatives(depth + 1);
      return rest;
    } else if (peek() == '?') {
      return unsupported("a group of another kind");
    }
    const uint32_t child = alternatives(depth + 1);
    folds_ = folds;
    last_letter_ = 0;
    if (!status_.ok()) return 0;
    if (!take(')')) return bad("a parenthesis that nothing closes");
    if (kind == Kind::both) return child;
    if (kind == Kind::behind) {
      const uint32_t set = only_set(child);
      if (set == kNone) return unsupported("looking behind at more than a character");
      return node({Kind::behind, Greed::greedy, negated, set, 0, 0, 0, false});
    }
    return node({kind, Greed::greedy, negated, child, 0, 0, 0, false});
  }

  /// The set where a tree is one character, or kNone.
  uint32_t only_set(uint32_t i) const {
    while (nodes_[i].kind == Kind::both && nodes_[nodes_[i].a].kind == Kind::empty) i = nodes_[i].b;
    return nodes_[i].kind == Kind::set ? nodes_[i].a : kNone;
  }

  uint32_t set_node(CharSet& set) {
    last_letter_ = 0;
    if (!status_.ok()) return 0;
    if (!set.finish()) return unsupported("a class of more classes in classes than are covered");
    if (sets_.size() == kMostSets) return unsupported("a pattern of more classes than are covered");
    sets_.push_back(new CharSet(static_cast<CharSet&&>(set)));
    return node(Kind::set, static_cast<uint32_t>(sets_.size() - 1));
  }
  uint32_t set_node(CharSet&& set) { return set_node(set); }

  uint32_t character(uint32_t cp) {
    // Two letters that fold together to one character: ß is ss to who ignores case.
    const uint32_t letter = folds_ && is_ascii_letter(cp) ? cp | 32 : 0, before = last_letter_;
    if ((before == 's' && (letter == 's' || letter == 't')) ||
        (before == 'f' && (letter == 'f' || letter == 'i' || letter == 'l')))
      return unsupported("letters that fold to one character");
    uint32_t* known = cp < 0x80 ? &known_[folds_][cp] : nullptr;  // set + 1
    uint32_t made;
    if (known && *known) {
      made = node(Kind::set, *known - 1);
    } else {
      CharSet set;
      push_character(&set, cp);
      made = set_node(set);
      if (known && status_.ok()) *known = static_cast<uint32_t>(sets_.size());
    }
    last_letter_ = letter;
    return made;
  }

  /// A character, and those of other case.
  void push_character(CharSet* set, uint32_t cp) {
    set->push_range(cp, cp);
    if (!folds_) return;
    if (cp >= 0x80) return static_cast<void>(unsupported("a character beyond ASCII whose case is ignored"));
    if (!is_ascii_letter(cp)) return;
    join_range(set, cp ^ 32, cp ^ 32);
    if ((cp | 32) == 's') join_range(set, 0x17F, 0x17F);
    if ((cp | 32) == 'k') join_range(set, 0x212A, 0x212A);
  }
  static void join_range(CharSet* set, uint32_t first, uint32_t last) {
    set->push_range(first, last);
    set->join();
  }

  /// What follows a backslash. True for a character, else pushes a set.
  bool escape(CharSet* set, uint32_t* cp, bool in_brackets = false) {
    const uint32_t c = next();
    *cp = c;
    switch (c) {
      case 's':
      case 'S':
        set->push_property(CharSet::Property::space);
        break;
      case 'd':
      case 'D':
        set->push_categories(bit(C::nd));
        break;
      case 'w':
      case 'W':
        set->push_word(in_brackets);
        break;
      case 'h':
      case 'H':
        set->push_range('0', '9');
        join_range(set, 'a', 'f');
        join_range(set, 'A', 'F');
        break;
      case 'p':
      case 'P':
        property(set, c == 'P');
        if (folds_ && in_brackets) unsupported("classes in classes where case is ignored");
        return false;
      case 'n':
        *cp = '\n';
        return true;
      case 'r':
        *cp = '\r';
        return true;
      case 't':
        *cp = '\t';
        return true;
      case 'f':
        *cp = '\f';
        return true;
      case 'v':
        *cp = '\v';
        return true;
      case 'a':
        *cp = 7;
        return true;
      case 'e':
        *cp = 27;
        return true;
      case 'x':
        *cp = take('{') ? hex(1, 8, true) : hex(1, 2, false);
        return check(*cp);
      case 'u':
        *cp = hex(4, 4, false);
        return check(*cp);
      default:
        if (is_ascii_letter(c) || is_digit(c)) unsupported("an escape that is not covered");
        return true;
    }
    if (c < 'a') set->negate();
    if (folds_ && in_brackets && c != 's' && c != 'd') unsupported("classes in classes where case is ignored");
    return false;
  }

  bool check(uint32_t cp) {
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp < 0xE000)) bad("a character that there is not");
    // Bytes beyond ASCII are no characters to the reference.
    return true;
  }

  uint32_t hex(uint32_t least, uint32_t most, bool braced) {
    uint32_t value = 0, n = 0;
    for (; n < most; ++n, ++at_) {
      const uint32_t c = peek(), letter = (c | 32) - 'a';
      if (!is_digit(c) && letter >= 6) break;
      value = value << 4 | (is_digit(c) ? c - '0' : letter + 10);
    }
    if (n < least) return unsupported("an escape without its digits");
    if (!braced && most == 2 && value >= 0x80) return unsupported("an escape of a byte beyond ASCII");
    if (braced && !take('}')) return unsupported("an escape without its closing brace");
    return value;
  }

  void property(CharSet* set, bool negated) {
    if (!take('{')) return static_cast<void>(unsupported("a property without braces"));
    if (take('^')) negated = !negated;
    char name[16] = {};
    size_t n = 0;
    for (; at_ < size_ && s_[at_] != '}' && n + 1 < sizeof name; ++at_) {
      const uint8_t c = s_[at_];
      if (c == ' ' || c == '_' || c == '-') continue;
      name[n++] = static_cast<char>(c - 'A' < 26u ? c | 32 : c);
    }
    if (!take('}')) return static_cast<void>(unsupported("a property that is not covered"));
    bool found = true;
    if (std::strcmp(name, "han") == 0) {
      set->push_property(CharSet::Property::han);
    } else {
      found = false;
      for (const Name& known : kNames) {
        if (std::strcmp(name, known.name) != 0) continue;
        set->push_categories(known.categories);
        found = true;
        break;
      }
    }
    if (!found) return static_cast<void>(unsupported("a property that is not covered"));
    // Letters of a case are of both where it is ignored.
    if (folds_ && (std::strcmp(name, "lu") == 0 || std::strcmp(name, "ll") == 0 || std::strcmp(name, "lt") == 0))
      unsupported("letters of one case where case is ignored");
    if (negated) set->negate();
  }

  /// What stands between brackets; the first is taken.
  CharSet brackets(uint32_t depth) {
    CharSet all;
    if (depth > kMostNested) {
      unsupported("a class of more classes in classes than are covered");
      return all;
    }
    const bool negated = take('^');
    bool intersected = false;
    all.push_nothing();
    CharSet part;
    part.push_nothing();
    for (bool first = true; status_.ok(); first = false) {
      if (at_ >= size_) {
        bad("a bracket that nothing closes");
        break;
      }
      if (peek() == ']' && !first) break;
      if (folds_ && (peek() == '[' || (peek() == '&' && at_ + 1 < size_ && s_[at_ + 1] == '&'))) {
        unsupported("classes in classes where case is ignored");
        break;
      }
      if (take("&&")) {
        close_part(&all, &part, &intersected);
        continue;
      }
      if (take("[:")) {
        unsupported("a class by its POSIX name");
        break;
      }
      if (take('[')) {
        part.append(brackets(depth + 1));
        part.join();
        continue;
      }
      member(&part);
    }
    ++at_;
    close_part(&all, &part, &intersected);
    if (negated) all.negate();
    return all;
  }

  void close_part(CharSet* all, CharSet* part, bool* intersected) {
    all->append(*part);
    if (*intersected)
      all->intersect();
    else
      all->join();
    *intersected = true;
    *part = CharSet();
    part->push_nothing();
  }

  /// A character, a range of them or an escape in brackets.
  void member(CharSet* part) {
    CharSet set;
    uint32_t first = next(), last;
    if (first == '\\' && !escape(&set, &first, true)) {
      part->append(set);
      part->join();
      if (peek() == '-' && at_ + 1 < size_ && s_[at_ + 1] != ']') unsupported("a range that begins with a class");
      return;
    }
    last = first;
    if (peek() == '-' && at_ + 1 < size_ && s_[at_ + 1] != ']') {
      ++at_;
      if (peek() == '[' || peek() == '&') return static_cast<void>(unsupported("a range that ends with a class"));
      last = next();
      if (last == '\\' && !escape(&set, &last, true))
        return static_cast<void>(unsupported("a range that ends with a class"));
      if (last < first) return static_cast<void>(bad("a range whose ends are reversed"));
    }
    if (folds_ && last != first) {
      // Letters in part, of either case: more than the two ends would have to fold.
      if (last >= 0x80) return static_cast<void>(unsupported("characters beyond ASCII whose case is ignored"));
      for (uint32_t cp = first; cp <= last; ++cp) {
        push_character(part, cp);
        part->join();
      }
      return;
    }
    if (last != first) {
      join_range(part, first, last);
    } else {
      CharSet one;
      push_character(&one, first);
      part->append(one);
      part->join();
    }
  }

  // From the tree to the program.

  uint32_t add(const RegexPattern::Step& step) {
    if (out_.program_.size() >= kMostSteps) {
      unsupported("a pattern of more steps than are covered");
      return 0;
    }
    out_.program_.push_back(step);
    return static_cast<uint32_t>(out_.program_.size() - 1);
  }
  uint32_t here() const { return static_cast<uint32_t>(out_.program_.size()); }
  RegexPattern::Step& at(uint32_t i) { return out_.program_[i]; }
  static RegexPattern::Step plain(Op op, uint32_t a = 0, uint32_t b = 0) {
    return {op, Greed::greedy, false, a, b, 0, 0};
  }

  void emit(uint32_t i) {
    if (!status_.ok()) return;
    const Node n = nodes_[i];
    switch (n.kind) {
      case Kind::empty:
        return;
      case Kind::set:
        add(plain(Op::set, n.a));
        return;
      case Kind::both:
        emit_all(i);
        return;
      case Kind::either:
        return emit_either(i);
      case Kind::repeat:
        return emit_repeat(n);
      case Kind::look:
      case Kind::atomic:
        return emit_inside(n.kind == Kind::look ? Op::look : Op::atomic, n.negated, [&] { emit(n.a); });
      case Kind::behind:
        add({Op::behind, Greed::greedy, n.negated, n.a, 0, 0, 0});
        return;
      case Kind::anchor:
        add(plain(Op::anchor, n.a));
        return;
    }
  }

  /// A sequence's nodes hang to the left: as deep as it is long, so they are not walked by calls.
  void emit_all(uint32_t i) {
    Array<uint32_t> parts;
    while (nodes_[i].kind == Kind::both) {
      parts.push_back(nodes_[i].b);
      i = nodes_[i].a;
    }
    emit(i);
    while (!parts.empty()) {
      emit(parts.back());
      parts.pop_back();
    }
  }

  /// Alternatives hang to the left like a sequence's parts.
  void emit_either(uint32_t i) {
    Array<uint32_t> parts, jumps;
    while (nodes_[i].kind == Kind::either) {
      parts.push_back(nodes_[i].b);
      i = nodes_[i].a;
    }
    parts.push_back(i);
    while (status_.ok() && !parts.empty()) {
      const bool last = parts.size() == 1;
      const uint32_t split = last ? 0 : add(plain(Op::split, here() + 1));
      emit(parts.back());
      parts.pop_back();
      if (last) break;
      jumps.push_back(add(plain(Op::jump)));
      if (status_.ok()) at(split).b = here();
    }
    for (const uint32_t jump : jumps) at(jump).a = here();
  }

  template <class Inside>
  void emit_inside(Op op, bool negated, Inside inside) {
    const uint32_t begin = add({op, Greed::greedy, negated, 0, 0, 0, 0});
    inside();
    add(plain(Op::done));
    if (status_.ok()) at(begin).a = here();
  }

  void emit_repeat(const Node& n) {
    const uint32_t set = only_set(n.a);
    if (set != kNone) {
      add({Op::run, n.greed, false, set, 0, n.min, n.max});
      return;
    }
    if (n.greed == Greed::possessive) {
      Node greedy = n;
      greedy.greed = Greed::greedy;
      return emit_inside(Op::atomic, false, [&] { emit_repeat(greedy); });
    }
    for (uint32_t i = 0; i < n.min && status_.ok(); ++i) emit(n.a);
    const bool lazy = n.greed == Greed::lazy;
    const auto fork = [&](Op op) {
      const uint32_t split = add(plain(op));
      (lazy ? at(split).b : at(split).a) = here();
      return split;
    };
    const auto leave = [&](uint32_t split) { (lazy ? at(split).a : at(split).b) = here(); };
    if (n.max == kNoLimit) {
      const uint32_t loop = fork(Op::loop);
      emit(n.a);
      add(plain(Op::jump, loop));
      if (status_.ok()) leave(loop);
      return;
    }
    Array<uint32_t> forks;
    for (uint32_t i = n.min; i < n.max && status_.ok(); ++i) {
      forks.push_back(fork(Op::split));
      emit(n.a);
    }
    if (!status_.ok()) return;
    for (const uint32_t split : forks) leave(split);
  }

 public:
  /// The sets, which the caller owns.
  Array<CharSet*> sets_;

 private:
  RegexPattern& out_;
  const uint8_t* s_;
  size_t size_;
  size_t at_ = 0;
  bool folds_ = false;
  uint32_t last_letter_ = 0;     // the letter before, in small, where case is ignored
  uint32_t known_[2][128] = {};  // the sets of one character
  Array<Node> nodes_;
  Status status_;
};

Status RegexPattern::build(const uint8_t* regex, size_t size, bool literal) {
  if (size == 0) return {Code::unsupported, "a pattern of nothing"};
  PatternParser parser(this, regex, size);
  const Status status = parser.parse(literal);
  if (status.ok()) {
    sets_.reset(new CharSet[parser.sets_.size()]);
    for (size_t i = 0; i < parser.sets_.size(); ++i) sets_[i] = static_cast<CharSet&&>(*parser.sets_[i]);
  }
  for (CharSet* set : parser.sets_) delete set;
  return status;
}

}  // namespace wembed::text
