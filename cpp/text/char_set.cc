#include "text/char_set.h"

namespace wembed::text {

void CharSet::push_word(bool in_brackets) {
  constexpr auto bit = [](Category c) { return 1u << static_cast<uint32_t>(c); };
  push_categories(bit(Category::lu) | bit(Category::ll) | bit(Category::lt) | bit(Category::lm) | bit(Category::lo) |
                  bit(Category::mn) | bit(Category::mc) | bit(Category::me) | bit(Category::nd) | bit(Category::nl) |
                  bit(Category::pc));
  // Letters in circles and squares, and six digits of Latin-1 outside of brackets.
  static constexpr uint32_t kOthers[][2] = {{0x24B6, 0x24E9},   {0x1F130, 0x1F149}, {0x1F150, 0x1F169},
                                            {0x1F170, 0x1F189}, {0xB2, 0xB3},       {0xB9, 0xB9},
                                            {0xBC, 0xBE}};
  for (const auto& range : kOthers) {
    if (in_brackets && range[0] < 0x100) break;
    push_range(range[0], range[1]);
    join();
  }
}

bool CharSet::finish() {
  int depth = 0;
  for (const Step& step : steps_) {
    if (step.op < Op::join && ++depth > kMostNested) return false;
    if (step.op == Op::join || step.op == Op::intersect) --depth;
  }
  ascii_[0] = ascii_[1] = 0;
  for (uint32_t cp = 0; cp < 0x80; ++cp) ascii_[cp >> 6] |= uint64_t{ask(cp)} << (cp & 63);
  return true;
}

bool CharSet::ask(uint32_t cp) const {
  uint32_t bits = 0;  // those pushed, the last one lowest
  for (const Step& step : steps_) {
    switch (step.op) {
      case Op::range:
        bits = bits << 1 | (cp >= step.a && cp <= step.b);
        break;
      case Op::categories:
        bits = bits << 1 | (step.a >> static_cast<uint32_t>(category(cp)) & 1);
        break;
      case Op::property: {
        const auto property = static_cast<Property>(step.a);
        bits = bits << 1 | (property == Property::space ? is_whitespace(cp) : is_han(cp));
        break;
      }
      case Op::join:
        bits = bits >> 1 | (bits & 1);
        break;
      case Op::intersect:
        bits = (bits >> 1 & ~1u) | (bits >> 1 & bits & 1);
        break;
      case Op::negate:
        bits ^= 1;
        break;
    }
  }
  return bits & 1;
}

}  // namespace wembed::text
