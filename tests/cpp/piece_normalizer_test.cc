#include "text/piece_normalizer.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "charsmap_of.h"
#include "text_golden.h"

// tests/js/sentencepiece_rules.test.js holds whole models against sentencepiece.

namespace wembed::text {
namespace {

using Flags = PieceNormalizer::Flags;

constexpr uint32_t kUsual = Flags::kTrim | Flags::kPrefix | Flags::kEscape;

bool build(PieceNormalizer* normalizer, uint32_t flags, const std::vector<uint8_t>& map, const std::string& pieces) {
  return normalizer->build(flags, {map.data(), map.size()}, {golden::bytes(pieces), pieces.size()});
}

std::string apply(PieceNormalizer* normalizer, const std::string& text, std::string* places = nullptr) {
  Array<CodePoint> points, scratch;
  uint32_t length, place = 0;
  const uint8_t* s = golden::bytes(text);
  for (size_t i = 0; i < text.size(); i += length)
    points.push_back({decode_utf8(s + i, s + text.size(), &length), place++});
  normalizer->apply(1000, &points, &scratch);
  std::string out;
  for (const CodePoint& c : points) {
    uint8_t utf8[4];
    out.append(reinterpret_cast<const char*>(utf8), encode_utf8(c.cp, utf8));
    if (places) *places += static_cast<char>('0' + c.source);
  }
  return out;
}

std::string once(uint32_t flags, const std::string& text) {
  PieceNormalizer normalizer;
  EXPECT_TRUE(build(&normalizer, flags, {}, ""));
  return apply(&normalizer, text);
}

TEST(PieceNormalizer, PutsSpacesWhereTheModelSays) {
  EXPECT_EQ(once(kUsual, "  a  b "), "▁a▁b");
  EXPECT_EQ(once(Flags::kPrefix | Flags::kEscape, " a  b "), "▁▁a▁▁b▁");
  EXPECT_EQ(once(Flags::kEscape, "a b"), "a▁b");
  EXPECT_EQ(once(kUsual | Flags::kSuffix, " a  b "), "a▁b▁");
  EXPECT_EQ(once(Flags::kTrim | Flags::kPrefix, "a  b "), " a b");
  EXPECT_EQ(once(Flags::kTrim | Flags::kSuffix, "a"), "a");
  EXPECT_EQ(once(kUsual, ""), "");
  EXPECT_EQ(once(kUsual, "   "), "");
  EXPECT_EQ(once(kUsual, " ▁"), "");  // ▁ at the end goes, and with it the one that was put
  EXPECT_EQ(once(kUsual, "▁a ▁"), "▁▁a");
}

TEST(PieceNormalizer, LeavesUserDefinedPiecesAndTakesTheLongestKey) {
  PieceNormalizer normalizer;
  const std::vector<uint8_t> map = golden::charsmap(
      {{"e", "E"}, {"e\u0301", "\u00e9"}, {"\u00bd", "1 2"}, {"\x02", ""}, {"\u3000", " "}, {"x", " x"}});
  ASSERT_TRUE(build(&normalizer, kUsual, map, std::string("the\0th\0 y\0", 10)));
  const auto check = [&](const std::string& text, const std::string& expected, const std::string& found_places) {
    std::string places;
    EXPECT_EQ(apply(&normalizer, text, &places), expected) << text;
    EXPECT_EQ(places, found_places) << text;
  };
  check("e", "▁E", "00");
  check("e\u0301e", "▁\u00e9E", "002");
  check("the\u0301", "▁the\u0301", "00123");  // a piece, which no key reaches into
  check("tthe", "▁tthe", "00123");
  check("a\u00bdz", "▁a1▁2z", "001112");
  check("\x02\x02", "", "");  // the space that was put is at the end
  check("\u3000\u3000a\u3000 b", "▁a▁b", "2235");
  check("a x", "▁a▁x", "0012");
  check("a  y", "▁a▁y", "0012");  // the piece's own space follows another: its place is the piece's
}

TEST(PieceNormalizer, RefusesWhatItCannotRead) {
  PieceNormalizer normalizer;
  const std::vector<uint8_t> map = golden::charsmap({{"a", "b"}});
  EXPECT_TRUE(build(&normalizer, 0, map, std::string("a\0", 2)));
  EXPECT_FALSE(build(&normalizer, 0, {1, 2, 3}, ""));
  EXPECT_FALSE(build(&normalizer, 0, map, "a"));
  EXPECT_FALSE(build(&normalizer, 0, map, std::string("a\0\0", 3)));
  EXPECT_FALSE(build(&normalizer, 0, map, std::string("a\0a\0", 4)));
}

TEST(PieceNormalizer, SurvivesAnyMap) {
  const std::vector<uint8_t> good = golden::charsmap({{"a", "b"}, {"ab", "\u00e9"}, {"\u00bd", "1/2"}, {" ", ""}});
  std::mt19937 random(5);
  for (int run = 0; run < 20000; run++) {
    std::vector<uint8_t> mutant = good;
    for (uint32_t k = 0; k <= random() % 8; k++) {
      size_t at = random() % mutant.size();
      for (int tries = 0; tries < 50 && !mutant[at]; tries++) at = random() % mutant.size();
      mutant[at] = static_cast<uint8_t>(random());
    }
    PieceNormalizer normalizer;
    if (build(&normalizer, random() % 16, mutant, std::string("b\0", 2)))
      EXPECT_LE(apply(&normalizer, "aab ab\u00bd b").size(), 4u * 1100u);
  }
}

}  // namespace
}  // namespace wembed::text
