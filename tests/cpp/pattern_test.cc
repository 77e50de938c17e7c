#include "text/pattern.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "text/pre_tokenizer.h"
#include "text_golden.h"

using namespace wembed;
using namespace wembed::text;

namespace {

/// A spec's pre-tokenizers: one Split.
struct Spec {
  std::vector<uint32_t> words;
  Spec(const std::string& pattern, uint32_t flags, uint32_t behavior) {
    words = {1, 5, flags, behavior, uint32_t(pattern.size())};
    words.resize(5 + pattern.size() / 4 + 1);
    std::memcpy(&words[5], pattern.data(), pattern.size());
  }
  Status build(PreTokenizer* out) const {
    text::Reader reader(reinterpret_cast<const uint8_t*>(words.data()), words.size() * 4);
    return out->build(&reader);
  }
};

Code code_of(const std::string& pattern) {
  PreTokenizer pre_tokenizer;
  return Spec(pattern, 0, 1).build(&pre_tokenizer).code;
}

/// False where the pattern gives up.
bool matches(const std::string& pattern, const std::string& text, std::vector<std::string>* found) {
  RegexPattern regex;
  EXPECT_TRUE(regex.build(golden::bytes(pattern), pattern.size(), false).ok()) << pattern;
  return regex.find_all(golden::bytes(text), text.size(),
                        [&](size_t begin, size_t end) { found->push_back(text.substr(begin, end - begin)); });
}

}  // namespace

TEST(Pattern, SplitsAsTheReferenceDoes) {
  golden::Reader in("split_regex.bin");
  std::vector<std::string> texts(in.take<uint32_t>());
  for (std::string& text : texts) text = in.take_string();
  ASSERT_GT(texts.size(), 100u);
  uint32_t groups = in.take<uint32_t>();
  ASSERT_GT(groups, 400u);
  for (; groups > 0; --groups) {
    const uint32_t literal = in.take<uint32_t>(), behavior = in.take<uint32_t>(), inverted = in.take<uint32_t>();
    const std::string pattern = in.take_string();
    PreTokenizer pre_tokenizer;
    ASSERT_TRUE(Spec(pattern, inverted | literal << 1, behavior).build(&pre_tokenizer).ok()) << pattern;
    golden::Fnv fnv;
    for (const std::string& text : texts) {
      Text split;
      split.bytes.assign(golden::bytes(text), text.size());
      ASSERT_TRUE(pre_tokenizer.apply(true, &split));
      for (const Text::Piece& piece : split.pieces) {
        fnv.add(uint32_t(piece.begin));
        fnv.add(uint32_t(piece.end));
      }
      fnv.add(0xFFFFFFFF);
    }
    EXPECT_EQ(fnv.h, in.take<uint32_t>()) << pattern << " behavior " << behavior << (inverted ? " inverted" : "");
  }
}

TEST(Pattern, WhatEnginesHangOnEnds) {
  std::vector<std::string> found;
  EXPECT_TRUE(matches("(a+)+$", std::string(3000, 'a'), &found));
  EXPECT_EQ(found.size(), 1u);
  for (const char* pattern : {"(a+)+$", "(?:a|a)+b", "a+a+a+a+a+b", "(?:a+b?)+c", "(?:(?:a+)+)+b", "(?=(?:a+)+b)a"}) {
    found.clear();
    const std::string text = std::string(3000, 'a') + "x";
    if (matches(pattern, text, &found)) EXPECT_TRUE(found.empty()) << pattern;
  }
}

TEST(Pattern, RefusesWhatItDoesNotCover) {
  for (const char* pattern :
       {"(a)\\1",     "(?<name>a)",    "\\Gword",     "\\X",           "(a*)*",
        "(?<=ab)c",   "\\p{Cyrillic}", "[[:alpha:]]", "a{2,3}?+",      "a{0,2}+",
        "a{2}{2}{2}", "a**",           "(?i:ss)",     "(?i:\xC3\xA9)", "(?x) a",
        "a{2000}",    "\\xE9",         "(?~a)",       "[a-\\d]",       "(?:(?:a{1000}){1000}){1000}"}) {
    EXPECT_EQ(code_of(pattern), Code::unsupported) << pattern;
  }
  for (const char* pattern : {"(a", "a)", "[a", "*a", "[b-a]", "a\\", "(?:"})
    EXPECT_EQ(code_of(pattern), Code::bad_file) << pattern;
  EXPECT_EQ(code_of(""), Code::unsupported);
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "(?:";
  EXPECT_EQ(code_of(deep), Code::unsupported);
  EXPECT_EQ(code_of(std::string(100000, '[')), Code::unsupported);
  EXPECT_EQ(code_of(std::string(100000, 'a')), Code::unsupported);
  std::string many = "a";
  for (int i = 0; i < 1000; ++i) many += "|b";
  EXPECT_EQ(code_of(many), Code::ok);
}
