#include "text/pattern_classes.h"

#include <cstring>

namespace wembed::text {
namespace {

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

void join_range(CharSet* set, uint32_t first, uint32_t last) {
  set->push_range(first, last);
  set->join();
}

}  // namespace

void PatternClasses::push_character(CharSet* set, uint32_t cp) {
  set->push_range(cp, cp);
  if (!text_.folds) return;
  if (cp >= 0x80) return static_cast<void>(text_.unsupported("a character beyond ASCII whose case is ignored"));
  if (!is_ascii_letter(cp)) return;
  join_range(set, cp ^ 32, cp ^ 32);
  if ((cp | 32) == 's') join_range(set, 0x17F, 0x17F);
  if ((cp | 32) == 'k') join_range(set, 0x212A, 0x212A);
}

bool PatternClasses::escape(CharSet* set, uint32_t* cp, bool in_brackets) {
  const uint32_t c = text_.next();
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
      if (text_.folds && in_brackets) text_.unsupported("classes in classes where case is ignored");
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
      *cp = text_.take('{') ? text_.hex(1, 8, true) : text_.hex(1, 2, false);
      return check(*cp);
    case 'u':
      *cp = text_.hex(4, 4, false);
      return check(*cp);
    default:
      if (is_ascii_letter(c) || is_ascii_digit(c)) text_.unsupported("an escape that is not covered");
      return true;
  }
  if (c < 'a') set->negate();
  if (text_.folds && in_brackets && c != 's' && c != 'd') text_.unsupported("classes in classes where case is ignored");
  return false;
}

bool PatternClasses::check(uint32_t cp) {
  if (cp > 0x10FFFF || (cp >= 0xD800 && cp < 0xE000)) text_.bad("a character that there is not");
  // Bytes beyond ASCII are no characters to the reference.
  return true;
}

void PatternClasses::property(CharSet* set, bool negated) {
  if (!text_.take('{')) return static_cast<void>(text_.unsupported("a property without braces"));
  if (text_.take('^')) negated = !negated;
  char name[16] = {};
  size_t n = 0;
  for (; !text_.at_end() && text_.peek() != '}' && n + 1 < sizeof name; text_.skip()) {
    const uint32_t c = text_.peek();
    if (c == ' ' || c == '_' || c == '-') continue;
    name[n++] = static_cast<char>(c - 'A' < 26u ? c | 32 : c);
  }
  if (!text_.take('}')) return static_cast<void>(text_.unsupported("a property that is not covered"));
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
  if (!found) return static_cast<void>(text_.unsupported("a property that is not covered"));
  // Letters of a case are of both where it is ignored.
  if (text_.folds && (std::strcmp(name, "lu") == 0 || std::strcmp(name, "ll") == 0 || std::strcmp(name, "lt") == 0))
    text_.unsupported("letters of one case where case is ignored");
  if (negated) set->negate();
}

CharSet PatternClasses::brackets(uint32_t depth) {
  CharSet all;
  if (depth > PatternText::kMostNested) {
    text_.unsupported("a class of more classes in classes than are covered");
    return all;
  }
  const bool negated = text_.take('^');
  bool intersected = false;
  all.push_nothing();
  CharSet part;
  part.push_nothing();
  for (bool first = true; text_.ok(); first = false) {
    if (text_.at_end()) {
      text_.bad("a bracket that nothing closes");
      break;
    }
    if (text_.peek() == ']' && !first) break;
    if (text_.folds && (text_.peek() == '[' || (text_.peek() == '&' && text_.peek(1) == '&'))) {
      text_.unsupported("classes in classes where case is ignored");
      break;
    }
    if (text_.take("&&")) {
      close_part(&all, &part, &intersected);
      continue;
    }
    if (text_.take("[:")) {
      text_.unsupported("a class by its POSIX name");
      break;
    }
    if (text_.take('[')) {
      part.append(brackets(depth + 1));
      part.join();
      continue;
    }
    member(&part);
  }
  text_.skip();
  close_part(&all, &part, &intersected);
  if (negated) all.negate();
  return all;
}

void PatternClasses::close_part(CharSet* all, CharSet* part, bool* intersected) {
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
void PatternClasses::member(CharSet* part) {
  CharSet set;
  uint32_t first = text_.next(), last;
  if (first == '\\' && !escape(&set, &first, true)) {
    part->append(set);
    part->join();
    if (text_.peek() == '-' && text_.peek(1) != ']' && text_.peek(1) != PatternText::kNone)
      text_.unsupported("a range that begins with a class");
    return;
  }
  last = first;
  if (text_.peek() == '-' && text_.peek(1) != ']' && text_.peek(1) != PatternText::kNone) {
    text_.skip();
    if (text_.peek() == '[' || text_.peek() == '&')
      return static_cast<void>(text_.unsupported("a range that ends with a class"));
    last = text_.next();
    if (last == '\\' && !escape(&set, &last, true))
      return static_cast<void>(text_.unsupported("a range that ends with a class"));
    if (last < first) return static_cast<void>(text_.bad("a range whose ends are reversed"));
  }
  if (text_.folds && last != first) {
    // Letters in part, of either case: more than the two ends would have to fold.
    if (last >= 0x80) return static_cast<void>(text_.unsupported("characters beyond ASCII whose case is ignored"));
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

}  // namespace wembed::text
