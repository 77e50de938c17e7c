#include "text/pattern.h"

#include <algorithm>
#include <cstring>

namespace wembed::text {
namespace {

constexpr size_t kSeen = 4096;
constexpr uint64_t kStepsPerByte = 512, kStepsAtLeast = 1 << 20;
constexpr size_t kMostChoices = 1 << 22;

}  // namespace

void RegexPattern::begin(const uint8_t* text, size_t size) {
  text_ = text;
  size_ = size;
  steps_ = 0;
  most_steps_ = kStepsAtLeast + kStepsPerByte * size;
  gave_up_ = false;
  choices_.clear();
  seen_.assign(kSeen, Seen{0, 0});
  serial_ = runs_ = 0;
}

size_t RegexPattern::after(size_t at) const {
  uint32_t length = 1;
  if (at < size_) decode_utf8(text_ + at, text_ + size_, &length);
  return at + length;
}

bool RegexPattern::find(size_t from, Match* match) {
  for (size_t at = from; at <= size_ && !gave_up_; at = after(at)) {
    if (run(0, at, &match->end)) {
      match->begin = at;
      return true;
    }
  }
  return false;
}

/// The end of the character at `at` if the set has it, or `at`.
size_t RegexPattern::one(const CharSet& set, size_t at) const {
  if (at >= size_) return at;
  if (text_[at] < 0x80) return at + set.has(text_[at]);
  uint32_t length;
  return set.has(decode_utf8(text_ + at, text_ + size_, &length)) ? at + length : at;
}

bool RegexPattern::holds(Anchor anchor, size_t at) const {
  switch (anchor) {
    case Anchor::line_begin:
      return at == 0 || (text_[at - 1] == '\n' && at < size_);
    case Anchor::line_end:
      return at == size_ || text_[at] == '\n';
    case Anchor::begin:
      return at == 0;
    case Anchor::end:
      return at == size_;
    case Anchor::end_or_last_line:
      return at == size_ || (at + 1 == size_ && text_[at] == '\n');
  }
  return false;
}

/// Whether a loop was at its head here before in this search: from there nothing new can come. Forgets some, which
/// costs but time.
bool RegexPattern::seen(uint32_t pc, size_t at) {
  const uint64_t place = uint64_t{at} << 12 | pc;
  Seen& slot = seen_[(place ^ serial_ << 20) * 0x9E3779B97F4A7C15u >> 52];
  if (slot.run == serial_ && slot.place == place) return true;
  slot = {serial_, place};
  return false;
}

/// Finds how the program goes on from `pc` at `at` to a `done`. Looking around and atomic groups are runs of their own.
bool RegexPattern::run(uint32_t pc, size_t at, size_t* end) {
  const uint64_t caller = serial_;
  static_assert(kSeen == 1 << 12, "the hash above has as many bits");
  serial_ = ++runs_;
  const size_t base = choices_.size();
  bool found = false;
  for (;;) {
    if (++steps_ > most_steps_ || choices_.size() > kMostChoices) {
      gave_up_ = true;
      break;
    }
    if (program_[pc].op == Op::done) {
      *end = at;
      found = true;
      break;
    }
    if (!step(&pc, &at) && !retry(base, &pc, &at)) break;
  }
  choices_.resize(std::min(base, choices_.size()));
  serial_ = caller;
  return found && !gave_up_;
}

/// Does what stands at *pc; false where it fails.
bool RegexPattern::step(uint32_t* pc, size_t* at) {
  const Step& s = program_[*pc];
  size_t end = 0, begin = 0;
  switch (s.op) {
    case Op::set:
      end = one(sets_[s.a], *at);
      if (end == *at) return false;
      *at = end;
      ++*pc;
      return true;
    case Op::run:
      return take_run(s, pc, at);
    case Op::loop:
      if (seen(*pc, *at)) return false;
      [[fallthrough]];
    case Op::split:
      choices_.push_back({s.b, 0, *at, 0, true});
      *pc = s.a;
      return true;
    case Op::jump:
      *pc = s.a;
      return true;
    case Op::look:
      if (run(*pc + 1, *at, &end) == s.negated) return false;
      *pc = s.a;
      return !gave_up_;
    case Op::behind:
      if (*at > 0) end = code_point_before(text_, *at, &begin);
      if ((*at > 0 && sets_[s.a].has(static_cast<uint32_t>(end))) == s.negated) return false;
      ++*pc;
      return true;
    case Op::atomic:
      if (!run(*pc + 1, *at, at)) return false;
      *pc = s.a;
      return true;
    case Op::anchor:
      ++*pc;
      return holds(static_cast<Anchor>(s.a), *at);
    case Op::done:
      break;
  }
  return false;
}

bool RegexPattern::take_run(const Step& s, uint32_t* pc, size_t* at) {
  const CharSet& set = sets_[s.a];
  const uint32_t wanted = s.greed == Greed::lazy ? s.min : s.max;
  uint32_t n = 0;
  size_t shortest = *at;
  for (size_t end; n < wanted && (end = one(set, *at)) != *at; ++n) {
    *at = end;
    if (n + 1 == s.min) shortest = end;
  }
  steps_ += n;
  if (n < s.min) return false;
  if (s.greed == Greed::greedy && n > s.min) choices_.push_back({*pc, 0, *at, shortest, false});
  if (s.greed == Greed::lazy && n < s.max) choices_.push_back({*pc, s.max - n, *at, 0, false});
  ++*pc;
  return true;
}

/// Goes back to the last choice that is left.
bool RegexPattern::retry(size_t base, uint32_t* pc, size_t* at) {
  while (choices_.size() > base) {
    Choice& choice = choices_.back();
    const Step& s = program_[choice.pc];
    *pc = choice.pc;
    *at = choice.at;
    if (choice.is_jump) {
      choices_.pop_back();
      return true;
    }
    ++*pc;
    if (s.greed == Greed::greedy) {
      code_point_before(text_, choice.at, at);
      choice.at = *at;
      if (*at <= choice.limit) choices_.pop_back();
      return true;
    }
    *at = one(sets_[s.a], choice.at);
    const bool more = *at != choice.at;
    choice.at = *at;
    if (!more || --choice.left == 0) choices_.pop_back();
    if (more) return true;
  }
  return false;
}

}  // namespace wembed::text
