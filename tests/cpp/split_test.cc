#include "text/split.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "text_golden.h"

using namespace wembed::text;
using namespace golden;

namespace {

template <class Split>
void expect_golden(const std::string& name, Split split_text) {
  const std::vector<std::string> texts = read_texts();
  const std::vector<uint32_t> hashes = read_hashes(name);
  ASSERT_GE(texts.size(), 5000u);
  ASSERT_EQ(hashes.size(), texts.size());
  int wrong = 0;
  for (size_t i = 0; i < texts.size() && wrong < 10; ++i) {
    Fnv fnv;
    size_t last = 0;
    std::string pieces;
    split_text(texts[i], [&](size_t begin, size_t end) {
      EXPECT_EQ(begin, last);
      EXPECT_GT(end, begin);
      last = end;
      fnv.add(uint32_t(end));
      pieces += "[" + texts[i].substr(begin, end - begin) + "]";
    });
    EXPECT_EQ(last, texts[i].size());
    if (fnv.h != hashes[i]) ++wrong, ADD_FAILURE() << name << " " << i << ": " << pieces;
  }
}

std::vector<std::string> pieces(Pattern pattern, const std::string& text) {
  std::vector<std::string> out;
  split(pattern, bytes(text), text.size(), [&](size_t b, size_t e) { out.push_back(text.substr(b, e - b)); });
  return out;
}

using Pieces = std::vector<std::string>;

}  // namespace

TEST(Split, MatchesTheReferenceOnRandomTexts) {
  const std::pair<const char*, Pattern> all[] = {{"split_gpt2", Pattern::gpt2},
                                                 {"split_cl100k", Pattern::cl100k},
                                                 {"split_qwen2", Pattern::qwen2},
                                                 {"split_qwen3_marks", Pattern::qwen3_marks}};
  for (const auto& [name, pattern] : all) {
    expect_golden(name,
                  [p = pattern](const std::string& text, auto sink) { split(p, bytes(text), text.size(), sink); });
  }
}

TEST(Split, DigitsMatchTheReference) {
  for (const bool individual : {false, true}) {
    expect_golden(individual ? "split_digits_individual" : "split_digits", [=](const std::string& text, auto sink) {
      split_digits(individual, bytes(text), text.size(), sink);
    });
  }
}

TEST(Split, MetaspaceMatchesTheReference) {
  const std::string mark = "▁";
  const std::vector<std::string> texts = read_texts();
  const std::vector<uint32_t> hashes = read_hashes("split_metaspace");
  ASSERT_EQ(hashes.size(), texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    std::string replaced;
    for (const char c : texts[i]) replaced += c == ' ' ? mark : std::string(1, c);
    Fnv fnv;
    size_t at = 0, original = 0;  // the reference counts in the text before spaces were replaced
    split_metaspace(bytes(mark), mark.size(), bytes(replaced), replaced.size(), [&](size_t, size_t end) {
      for (; at < end; ++original) at += texts[i][original] == ' ' ? mark.size() : 1;
      fnv.add(uint32_t(original));
    });
    EXPECT_EQ(fnv.h, hashes[i]) << texts[i];
  }
}

TEST(Split, MetaspacePrepends) {
  const std::string mark = "▁", plain = "a", marked = "▁a", none;
  const auto prepends = [&](PrependScheme scheme, bool start, const std::string& text) {
    return metaspace_prepends(scheme, start, bytes(text), text.size(), bytes(mark), mark.size());
  };
  EXPECT_TRUE(prepends(PrependScheme::always, false, plain));
  EXPECT_TRUE(prepends(PrependScheme::always, true, none));
  EXPECT_FALSE(prepends(PrependScheme::always, true, marked));
  EXPECT_TRUE(prepends(PrependScheme::first, true, plain));
  EXPECT_FALSE(prepends(PrependScheme::first, false, plain));
  EXPECT_FALSE(prepends(PrependScheme::never, true, plain));
}

TEST(Split, ContractionsFoldCaseAsTheReferenceDoes) {
  EXPECT_EQ(pieces(Pattern::gpt2, "we've I'LL"), (Pieces{"we", "'ve", " I", "'", "LL"}));
  EXPECT_EQ(pieces(Pattern::cl100k, "We'VE I'Ll"), (Pieces{"We", "'VE", " I", "'Ll"}));
}

TEST(Split, WhiteSpaceGivesItsLastCharacterAway) {
  EXPECT_EQ(pieces(Pattern::gpt2, "a   b  "), (Pieces{"a", "  ", " b", "  "}));
  EXPECT_EQ(pieces(Pattern::gpt2, "a \n b"), (Pieces{"a", " \n", " b"}));
  EXPECT_EQ(pieces(Pattern::cl100k, "a \n\n  b"), (Pieces{"a", " \n\n", " ", " b"}));
  EXPECT_EQ(pieces(Pattern::cl100k, "x = 12345;\r\n"), (Pieces{"x", " =", " ", "123", "45", ";\r\n"}));
  EXPECT_EQ(pieces(Pattern::qwen2, "12 3"), (Pieces{"1", "2", " ", "3"}));
}

TEST(Split, KnowsPatternsByTheirExactSpelling) {
  Pattern pattern = Pattern::gpt2;
  const std::string qwen =
      R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
  EXPECT_TRUE(find_pattern(qwen.data(), qwen.size(), &pattern));
  EXPECT_EQ(pattern, Pattern::qwen2);
  EXPECT_FALSE(find_pattern(qwen.data(), qwen.size() - 1, &pattern));
  EXPECT_FALSE(find_pattern(R"(\s+)", 3, &pattern));
  EXPECT_FALSE(find_pattern("", 0, &pattern));
}

TEST(Split, BehaviorsOfPatternsWithoutGaps) {
  for (const bool invert : {false, true}) {
    EXPECT_EQ(effect_of(Behavior::isolated, invert), Effect::pieces);
    EXPECT_EQ(effect_of(Behavior::merged_with_previous, invert), Effect::pieces);
    EXPECT_EQ(effect_of(Behavior::merged_with_next, invert), Effect::pieces);
    EXPECT_EQ(effect_of(Behavior::contiguous, invert), Effect::whole);
  }
  EXPECT_EQ(effect_of(Behavior::removed, false), Effect::nothing);
  EXPECT_EQ(effect_of(Behavior::removed, true), Effect::pieces);
}
