#pragma once
#include <cstdint>

#include "core/array.h"
#include "text/unicode.h"

namespace wembed::text {

/// A set of characters as a pattern describes it: ranges and properties, joined, intersected and negated. ASCII is
/// looked up in a bitmap, the others are asked for step by step.
class CharSet {
 public:
  enum class Property : uint32_t { space, han };

  // Each pushes a set, or makes one of those pushed last.
  void push_range(uint32_t first, uint32_t last) { steps_.push_back({Op::range, first, last}); }
  /// @param categories  a bit for each Category
  void push_categories(uint32_t categories) { steps_.push_back({Op::categories, categories, 0}); }
  void push_property(Property property) { steps_.push_back({Op::property, static_cast<uint32_t>(property), 0}); }
  /// \w, as the reference's engine has it: which differs between brackets.
  void push_word(bool in_brackets);
  void push_nothing() { steps_.push_back({Op::range, 1, 0}); }
  void join() { steps_.push_back({Op::join, 0, 0}); }
  void intersect() { steps_.push_back({Op::intersect, 0, 0}); }
  void negate() { steps_.push_back({Op::negate, 0, 0}); }
  void append(const CharSet& other) { steps_.append(other.steps_); }

  /// False where more sets are nested than it can hold.
  bool finish();

  bool has(uint32_t cp) const { return cp < 0x80 ? ascii_[cp >> 6] >> (cp & 63) & 1 : ask(cp); }
  size_t size() const { return steps_.size(); }

 private:
  enum class Op : uint32_t { range, categories, property, join, intersect, negate };
  struct Step {
    Op op;
    uint32_t a, b;
  };
  static constexpr int kMostNested = 32;

  bool ask(uint32_t cp) const;

  Array<Step> steps_;
  uint64_t ascii_[2] = {0, 0};
};

}  // namespace wembed::text
