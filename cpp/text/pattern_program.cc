#include "text/pattern.h"
#include "text/pattern_tree.h"

namespace wembed::text {
namespace {

constexpr uint32_t kMostSteps = 4096;

/// Writes a regular expression's tree as a program.
class ProgramWriter {
 public:
  using Step = RegexPattern::Step;
  using Op = RegexPattern::Op;
  using Greed = RegexPattern::Greed;
  using Kind = PatternTree::Kind;

  ProgramWriter(const PatternTree& tree, Array<Step>* program) : tree_(tree), program_(*program) {}

  Status write() {
    program_.clear();
    emit(tree_.root());
    if (status_.ok()) add(plain(Op::done));
    return status_;
  }

 private:
  uint32_t here() const { return static_cast<uint32_t>(program_.size()); }
  Step& at(uint32_t i) { return program_[i]; }
  static Step plain(Op op, uint32_t a = 0, uint32_t b = 0) { return {op, Greed::greedy, false, a, b, 0, 0}; }

  uint32_t add(const Step& step) {
    if (program_.size() >= kMostSteps) {
      if (status_.ok()) status_ = {Code::unsupported, "a pattern of more steps than are covered", double(kMostSteps)};
      return 0;
    }
    program_.push_back(step);
    return static_cast<uint32_t>(program_.size() - 1);
  }

  void emit(uint32_t i) {
    if (!status_.ok()) return;
    const PatternTree::Node n = tree_[i];
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
    while (tree_[i].kind == Kind::both) {
      parts.push_back(tree_[i].b);
      i = tree_[i].a;
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
    while (tree_[i].kind == Kind::either) {
      parts.push_back(tree_[i].b);
      i = tree_[i].a;
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

  void emit_repeat(const PatternTree::Node& n) {
    const uint32_t set = tree_.only_set(n.a);
    if (set != PatternText::kNone) {
      add({Op::run, n.greed, false, set, 0, n.min, n.max});
      return;
    }
    if (n.greed == Greed::possessive) {
      PatternTree::Node greedy = n;
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
    if (n.max == PatternText::kNoLimit) {
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

  const PatternTree& tree_;
  Array<Step>& program_;
  Status status_;
};

}  // namespace

Status RegexPattern::build(const uint8_t* regex, size_t size, bool literal) {
  if (size == 0) return {Code::unsupported, "a pattern of nothing"};
  PatternTree tree(regex, size);
  Status status = tree.read(literal);
  if (status.ok()) status = ProgramWriter(tree, &program_).write();
  if (!status.ok()) return status;
  const Array<CharSet*>& sets = tree.sets();
  set_count_ = static_cast<uint32_t>(sets.size());
  sets_.reset(new CharSet[sets.size()]);
  for (size_t i = 0; i < sets.size(); ++i) sets_[i] = static_cast<CharSet&&>(*sets[i]);
  return {};
}

}  // namespace wembed::text
