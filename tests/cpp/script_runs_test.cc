#include "text/script_runs.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wembed::text {
namespace {

using namespace std::string_literals;

/// Letters from `a` to `m` are of script 1, from `n` on of script 2, what is before `a` of none.
const std::string kTable = "\0\0a\1n\2"s;

Bytes bytes(const std::string& s) { return {reinterpret_cast<const uint8_t*>(s.data()), s.size()}; }

std::vector<std::string> pieces(const std::string& text) {
  ScriptRuns runs;
  EXPECT_TRUE(runs.build(bytes(kTable)).ok());
  Array<Text::Piece> found;
  runs.split(reinterpret_cast<const uint8_t*>(text.data()), {0, text.size()}, &found);
  std::vector<std::string> out;
  for (const Text::Piece& piece : found) out.push_back(text.substr(piece.begin, piece.end - piece.begin));
  return out;
}

TEST(ScriptRuns, WhatIsOfNoScriptStaysWithWhatComesBefore) {
  EXPECT_EQ(pieces("ab no 1an"), (std::vector<std::string>{"ab ", "no 1", "a", "n"}));
  EXPECT_EQ(pieces("a  b"), (std::vector<std::string>{"a  b"}));
}

TEST(ScriptRuns, WhatNothingComesBeforeIsDropped) {
  EXPECT_EQ(pieces("  a"), (std::vector<std::string>{"a"}));
  EXPECT_TRUE(pieces("   ").empty());
  EXPECT_TRUE(pieces("").empty());
}

TEST(ScriptRuns, RefusesTablesThatDoNotRise) {
  for (const std::string& table : {""s, "\0"s, "a\1"s, "\0\0a\1a\2"s, "\0\0b\1a\2"s, "\0\0a"s}) {
    EXPECT_EQ(ScriptRuns().build(bytes(table)).code, Code::bad_file) << table;
  }
}

}  // namespace
}  // namespace wembed::text
