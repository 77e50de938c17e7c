#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "text/bpe_text.h"
#include "text/split.h"
#include "text/unicode.h"
#include "text_golden.h"

using namespace wembed;
using namespace wembed::text;
using namespace golden;

// The loop that finds 64 bytes' pieces at once, against the scanner that finds one after the other.

namespace {

constexpr Pattern kPatterns[] = {Pattern::gpt2,        Pattern::cl100k, Pattern::qwen2,
                                 Pattern::qwen3_marks, Pattern::o200k,  Pattern::tekken};

/// All bytes and all pairs of two, in an order that is not theirs: where a text is cut shows in its tokens.
class AllPairs {
 public:
  AllPairs() {
    std::vector<std::string> pieces;
    for (int b = 0; b < 256; ++b) pieces.push_back(std::string(1, char(b)));
    std::vector<std::string> pairs;
    for (int b = 0; b < 65536; ++b) pairs.push_back({char(b >> 8), char(b & 255)});
    std::shuffle(pairs.begin(), pairs.end(), std::mt19937(7));
    pieces.insert(pieces.end(), pairs.begin(), pairs.end());
    built_ = build_vocab(pieces, &vocab_).ok();
    BpeOptions options;
    options.byte_level = options.ranks = true;
    for (Bpe* bpe : {&one_by_one, &at_once}) built_ = built_ && bpe->build(vocab_, nullptr, 0, options).ok();
  }
  bool built() const { return built_; }
  Bpe one_by_one, at_once;

 private:
  Vocab vocab_;
  bool built_ = false;
};

const std::vector<std::string> kCharacters = {
    "a",  "b",    "s",        "t",        "re",   "ll",     "A",      "S",      "B",     "1",  "2",   "345",
    " ",  " ",    "  ",       "\t",       "\n",   "\r\n",   "\n\n",   "\v",     "'",     "'s", "'LL", "'ve",
    "(",  ")",    ".",        "/",        "/",    "_",      "\"",     "\x01",   "\x7F",  "é",  "É",   "ß",
    "ſ",  "ǅ",    "ʰ",        "中",       "文",   "\u3000", "\u0085", "\u0301", "½",     "٣",  "😀",   "\u200D",
    "’",  "\xFF", "\xE4\xB8", "，",       "。",   "「",     "ー",     "か",     "・",    "한", "㐀",  "䷀",
    "：", "１",   "Ａ",       "…",        "ж",    "Ж",      "Я",      "ў",      "ć",     "Ω",  "σ",   "ό",
    "×",  "÷",    "\u0483",   "\xF0\x9F", "🏽", "א",      "ا",      "ไ",      "\uFE0F"};

std::string random_text(std::mt19937* random, size_t most, size_t kinds) {
  std::string text;
  const size_t first = (*random)() % (kCharacters.size() - kinds + 1);
  for (size_t n = (*random)() % (most + 1); n > 0; --n) text += kCharacters[first + (*random)() % kinds];
  return text;
}

void expect_same(AllPairs* both, BpeText loop, Pattern pattern, const std::string& text) {
  Array<uint32_t> wanted, got;
  split(pattern, bytes(text), text.size(),
        [&](size_t begin, size_t end) { both->one_by_one.add_ids(bytes(text) + begin, end - begin, &wanted); });
  const std::vector<uint8_t> exact(text.begin(), text.end());  // sanitizers see a read beyond its end
  got.push_back(77);
  EXPECT_EQ(loop(both->at_once, pattern, exact.data(), exact.size(), SIZE_MAX, &got), text.size());
  ASSERT_EQ(std::vector<uint32_t>(got.begin() + 1, got.end()), std::vector<uint32_t>(wanted.begin(), wanted.end()))
      << int(pattern) << ": " << testing::PrintToString(text);
}

}  // namespace

class Pieces : public testing::TestWithParam<BpeText> {};
INSTANTIATE_TEST_SUITE_P(Variants, Pieces, testing::Values(bpe_text_scalar, bpe_text_simd128));

TEST_P(Pieces, OfABlockAreThoseFoundOneByOne) {
  AllPairs both;
  ASSERT_TRUE(both.built());
  std::mt19937 random(1);
  for (int i = 0; i < 4000; ++i) {
    const size_t kinds = 2 + random() % 48;
    const std::string text = random_text(&random, i % 50 == 0 ? 2000 : 150, std::min(kinds, kCharacters.size()));
    for (const Pattern pattern : kPatterns) expect_same(&both, GetParam(), pattern, text);
  }
}

/// Every character is what it is to the patterns: cut from what stands around it, or not.
TEST_P(Pieces, EveryCharacterIsOfItsKind) {
  AllPairs both;
  ASSERT_TRUE(both.built());
  const char* const around[] = {"a", " ", "B.", "中", "\n", "é", "1", "。", "'s", "É"};
  std::string text;
  for (uint32_t cp = 0x80; cp < 0x1FC00; ++cp) {
    if (cp >= 0xD800 && cp < 0xE000) continue;
    if (cp == 0x10000) cp = 0x1F000;  // those between are not told from one another
    uint8_t utf8[4];
    const std::string character(reinterpret_cast<char*>(utf8), encode_utf8(cp, utf8));
    for (uint32_t i = 0; i < 2; ++i) text += character + around[(cp * 7 + i * 3 + cp / 64) % 10];
    if (text.size() < 200) continue;
    for (const Pattern pattern : kPatterns) expect_same(&both, GetParam(), pattern, text);
    text.clear();
  }
}

TEST_P(Pieces, LongRunsAndEnds) {
  AllPairs both;
  ASSERT_TRUE(both.built());
  const std::vector<std::string> parts = {"", " ", "\n", "  \n", "a", "A", "'", "1", "中", "é"};
  for (const int n : {20, 21, 60, 61, 62, 63, 64, 65, 79, 80, 81, 200}) {
    for (const char* const run : {" ", "\n", "a", "1", ".", "A", "/", "'", "中", "😀"}) {
      for (const std::string& before : parts) {
        for (const std::string& after : parts) {
          std::string text = before;
          for (int i = 0; i < n; ++i) text += run;
          text += after;
          for (const Pattern pattern : kPatterns) expect_same(&both, GetParam(), pattern, text);
        }
      }
    }
  }
}

TEST_P(Pieces, StopsWhereThereAreEnough) {
  AllPairs both;
  ASSERT_TRUE(both.built());
  std::string text;
  for (int i = 0; i < 500; ++i) text += " word";
  Array<uint32_t> all;
  GetParam()(both.at_once, Pattern::gpt2, bytes(text), text.size(), SIZE_MAX, &all);
  for (const size_t most : {size_t{0}, size_t{1}, size_t{100}, all.size()}) {
    Array<uint32_t> ids;
    const size_t at = GetParam()(both.at_once, Pattern::gpt2, bytes(text), text.size(), most, &ids);
    ASSERT_GE(ids.size(), most);
    ASSERT_EQ(at % 5, 0u);
    GetParam()(both.at_once, Pattern::gpt2, bytes(text) + at, text.size() - at, SIZE_MAX, &ids);
    EXPECT_EQ(std::vector<uint32_t>(ids.begin(), ids.end()), std::vector<uint32_t>(all.begin(), all.end()));
  }
}

/// A cut between characters where no token reaches across must leave the tokens as they are.
TEST(BpeParts, PartsChangeNothing) {
  Model model;
  ASSERT_TRUE(read_model("bpe_gpt2", &model));
  BpeOptions options;
  options.byte_level = true;
  Bpe parts;
  ASSERT_TRUE(parts.build(model.vocab, model.merges.data(), uint32_t(model.merges.size()), options).ok());
  for (const std::string& text : read_texts()) {
    Array<uint32_t> got;
    std::vector<uint32_t> wanted;
    for (int pass = 0; pass < 2; ++pass) {
      got.clear();
      wanted.clear();
      split(Pattern::gpt2, bytes(text), text.size(), [&](size_t begin, size_t end) {
        parts.add_ids(bytes(text) + begin, end - begin, &got);
        parts.encode(bytes(text) + begin, end - begin, [&](uint32_t id, uint32_t, uint32_t) { wanted.push_back(id); });
      });
      ASSERT_EQ(std::vector<uint32_t>(got.begin(), got.end()), wanted) << text;
    }
  }
}

/// Ranks need no list of pairs: the ids are those of every pair that makes a token, in the order of ranks.
TEST(BpeRanks, AreMergesOfEveryPair) {
  Model model;
  ASSERT_TRUE(read_model("bpe_gpt2", &model));
  std::vector<Merge> merges;
  for (uint32_t id = 0; id < model.vocab.size(); ++id) {
    const Bytes piece = model.vocab.piece(id);
    for (size_t cut = 1; cut < piece.size; ++cut) {
      const uint32_t left = model.vocab.find(piece.data, cut);
      const uint32_t right = model.vocab.find(piece.data + cut, piece.size - cut);
      if (left != Vocab::kNone && right != Vocab::kNone) merges.push_back({left, right, id});
    }
  }
  BpeOptions options;
  options.byte_level = options.ignore_merges = true;
  Bpe listed, ranks;
  ASSERT_TRUE(listed.build(model.vocab, merges.data(), uint32_t(merges.size()), options).ok());
  options.ranks = true;
  ASSERT_TRUE(ranks.build(model.vocab, nullptr, 0, options).ok());
  for (const std::string& text : read_texts()) {
    std::vector<uint32_t> wanted, spans;
    Array<uint32_t> got;
    split(Pattern::gpt2, bytes(text), text.size(), [&](size_t begin, size_t end) {
      const auto keep = [&](uint32_t id, uint32_t, uint32_t) { wanted.push_back(id); };
      listed.encode(bytes(text) + begin, end - begin, keep);
      ranks.add_ids(bytes(text) + begin, end - begin, &got);
      ranks.encode(bytes(text) + begin, end - begin, [&](uint32_t id, uint32_t, uint32_t) { spans.push_back(id); });
    });
    ASSERT_EQ(std::vector<uint32_t>(got.begin(), got.end()), wanted) << text;
    ASSERT_EQ(spans, wanted) << text;
  }
  options.byte_level = false;
  EXPECT_EQ(ranks.build(model.vocab, nullptr, 0, options).code, Code::unsupported);
  Vocab small;
  ASSERT_TRUE(build_vocab({"a", "b", "ab"}, &small).ok());
  options.byte_level = true;
  EXPECT_EQ(ranks.build(small, nullptr, 0, options).code, Code::bad_file);
}
