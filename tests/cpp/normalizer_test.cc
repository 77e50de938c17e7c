#include "text/normalizer.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "charsmap_of.h"
#include "text_golden.h"

// SentencePiece's maps of characters; tests/js/vocab_files.test.js holds a real one against the Rust library.

namespace wembed::text {
namespace {

using golden::charsmap;

/// One step: the map, marks from U+0300 to U+036F joining what is before them, and ASCII controls that nothing joins.
Status build(Normalizer* normalizer, const std::vector<uint8_t>& map, uint32_t joins = 2) {
  std::vector<uint32_t> spec = {1, 8, joins};
  const auto put = [&](const uint8_t* data, size_t size) {
    spec.push_back(static_cast<uint32_t>(size));
    const size_t from = spec.size();
    spec.resize(from + (size + 3) / 4);
    if (size) std::memcpy(spec.data() + from, data, size);
  };
  const std::string ranges = "\u0300\u0370\x01 ";
  put(map.data(), map.size());
  put(golden::bytes(ranges), ranges.size());
  Reader in(reinterpret_cast<const uint8_t*>(spec.data()), spec.size() * 4);
  return normalizer->build(&in);
}

std::string apply(Normalizer* normalizer, const std::string& text, std::string* places = nullptr) {
  Array<CodePoint> points;
  uint32_t length, place = 0;
  const uint8_t* s = golden::bytes(text);
  for (size_t i = 0; i < text.size(); i += length)
    points.push_back({decode_utf8(s + i, s + text.size(), &length), place++});
  normalizer->apply(true, true, &points);
  std::string out;
  for (const CodePoint& c : points) {
    uint8_t utf8[4];
    out.append(reinterpret_cast<const char*>(utf8), encode_utf8(c.cp, utf8));
    if (places) *places += static_cast<char>('0' + c.source);
  }
  return out;
}

const std::vector<std::pair<std::string, std::string>> kEntries = {
    {"\u00e0", "A"}, {"e\u0301", "\u00e9"}, {"\u00bd", "1/2"}, {"\x02", ""}, {"\r", "\n"}, {"\uff21", "A"}};

TEST(Charsmap, TakesWhatTheReferenceTakes) {
  Normalizer normalizer;
  ASSERT_TRUE(build(&normalizer, charsmap(kEntries)).ok());
  const auto check = [&](const std::string& text, const std::string& expected, const std::string& places) {
    std::string found;
    EXPECT_EQ(apply(&normalizer, text, &found), expected) << text;
    EXPECT_EQ(found, places) << text;
  };
  check("", "", "");
  check("abc", "abc", "012");
  check("\u00e0b", "Ab", "01");
  check("e\u0301x", "\u00e9x", "02");                   // two characters of one key
  check("x\u00bdy", "x1/2y", "01112");                  // one that becomes three
  check("a\x02z", "az", "02");                          // one that goes
  check("\x02z", "z", "0");                             // and does so first: places shift, as the reference's do
  check("\r\nx", "\nx", "02");                          // one grapheme
  check("\uff21\u0301", "A", "0");                      // a key begins the grapheme: the mark goes with it
  check("\uff21\u0301\u0301", "A\u0301\u0301", "012");  // too long to be looked up whole
  check("\x02\u0301", "\u0301", "0");                   // nothing joins a control
}

TEST(Charsmap, KeepsSpacesUnlessItMapsThem) {
  Normalizer normalizer;
  ASSERT_TRUE(build(&normalizer, charsmap(kEntries)).ok());
  EXPECT_TRUE(normalizer.keeps_spaces());
  ASSERT_TRUE(build(&normalizer, charsmap({{" ", "_"}})).ok());
  EXPECT_FALSE(normalizer.keeps_spaces());
  EXPECT_EQ(apply(&normalizer, "a b"), "a_b");
}

TEST(Charsmap, RefusesWhatIsNone) {
  Normalizer normalizer;
  for (const std::vector<uint8_t>& bad : std::vector<std::vector<uint8_t>>{{},
                                                                           {4, 0, 0},
                                                                           {4, 0, 0, 0},
                                                                           {0, 0, 0, 0, 1, 0, 0, 0},
                                                                           {6, 0, 0, 0, 1, 0, 0, 0, 0, 0},
                                                                           {255, 255, 255, 255, 0, 0, 0, 0}}) {
    EXPECT_EQ(build(&normalizer, bad).code, Code::bad_file);
  }
  EXPECT_EQ(build(&normalizer, charsmap(kEntries), 9).code, Code::bad_file);
  ASSERT_TRUE(build(&normalizer, charsmap(kEntries)).ok());
  EXPECT_EQ(apply(&normalizer, "\u00e0"), "A");
}

TEST(Charsmap, SurvivesAnyTrie) {
  const std::vector<uint8_t> good = charsmap(kEntries);
  std::mt19937 random(3);
  const std::string text = "a\u00e0e\u0301\u00bd\x02\r\n\uff21\u0301 \xf0\x9f\x98\x80";
  for (int run = 0; run < 20000; run++) {
    std::vector<uint8_t> mutant = good;
    for (uint32_t k = 0; k <= random() % 8; k++) {
      // Units in use, mostly: most of the trie is empty.
      size_t at = random() % mutant.size();
      for (int tries = 0; tries < 50 && !mutant[at]; tries++) at = random() % mutant.size();
      mutant[at] = static_cast<uint8_t>(random());
    }
    if (random() % 8 == 0) mutant.resize(random() % mutant.size());
    Normalizer normalizer;
    if (build(&normalizer, mutant).ok()) apply(&normalizer, text);
  }
}

TEST(Replace, RefusesReplacementsThatDoubleATextAgainAndAgain) {
  constexpr uint32_t kReplace = 5;
  const auto chain = [](uint32_t n, Normalizer* normalizer) {
    std::vector<uint32_t> spec = {n};
    for (uint32_t i = 0; i < n; ++i)
      for (const uint32_t word : {kReplace, 0u, 1u, uint32_t{'a'}, 2u, uint32_t{'a' | 'a' << 8}}) spec.push_back(word);
    Reader in(reinterpret_cast<const uint8_t*>(spec.data()), spec.size() * 4);
    return normalizer->build(&in);
  };
  Normalizer few, many;
  ASSERT_TRUE(chain(3, &few).ok());
  EXPECT_EQ(apply(&few, "ab"), "aaaaaaaab");
  ASSERT_TRUE(chain(40, &many).ok());
  Array<CodePoint> text{{'a', 0}};
  EXPECT_FALSE(many.apply(true, true, &text));
  EXPECT_LT(text.size(), 1u << 20);
  Array<CodePoint> other{{'b', 0}};
  EXPECT_TRUE(many.apply(true, true, &other));
  EXPECT_EQ(other.size(), 1u);
}

}  // namespace
}  // namespace wembed::text
