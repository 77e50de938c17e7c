#include "text/unigram.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "text_golden.h"

using namespace wembed;
using namespace wembed::text;
using namespace golden;

namespace {

void expect_golden(const std::string& name, bool byte_fallback) {
  Model model;
  ASSERT_TRUE(read_model(name, &model));
  Unigram unigram;
  ASSERT_TRUE(unigram.build(model.vocab, model.scores.data(), uint32_t(model.scores.size()), 0, byte_fallback).ok());
  const std::vector<std::string> texts = read_texts();
  const std::vector<uint32_t> hashes = read_hashes(name);
  ASSERT_EQ(hashes.size(), texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::string text = metaspace(texts[i]);
    Fnv fnv;
    unigram.encode(bytes(text), text.size(), [&](uint32_t id, uint32_t, uint32_t end) {
      fnv.add(id);
      fnv.add(end);
    });
    ASSERT_EQ(fnv.h, hashes[i]) << name << " " << i << ": " << text;
  }
}

std::vector<uint32_t> ids(Unigram* unigram, const std::string& text) {
  std::vector<uint32_t> out;
  unigram->encode(bytes(text), text.size(), [&](uint32_t id, uint32_t, uint32_t) { out.push_back(id); });
  return out;
}

}  // namespace

TEST(Unigram, MatchesTheReference) {
  expect_golden("unigram", false);
  expect_golden("unigram_bytes", true);
}

TEST(Unigram, GoesBySentencePiecesOwnRules) {
  Vocab vocab;
  ASSERT_TRUE(build_vocab({"<unk>", "a", "xy", "ab", "b"}, &vocab).ok());
  const double nan = std::nan(""), scores[] = {nan, -1, -1, nan, -1}, unknown = -11;
  Unigram unigram;
  ASSERT_TRUE(unigram.build(vocab, scores, 5, 0, false, &unknown).ok());
  EXPECT_EQ(ids(&unigram, "ab"), (std::vector<uint32_t>{1, 4}));  // a piece without a score is not found
  EXPECT_EQ(ids(&unigram, "<unk>a"), (std::vector<uint32_t>{0, 1}));
  EXPECT_FALSE(unigram.build(vocab, scores, 5, 0, false).ok());
  const double infinite[] = {nan, -INFINITY, -1, nan, -1};
  EXPECT_FALSE(unigram.build(vocab, infinite, 5, 0, false, &unknown).ok());
  // Two unknown characters that cost less than the piece they spell stay unknown.
  const double dear[] = {nan, -1, -50, nan, -1};
  ASSERT_TRUE(unigram.build(vocab, dear, 5, 0, false, &unknown).ok());
  EXPECT_EQ(ids(&unigram, "xy"), (std::vector<uint32_t>{0}));
}

TEST(Unigram, SumsInSinglePrecision) {
  Vocab vocab;
  ASSERT_TRUE(build_vocab({"<unk>", "x", "xx", "c"}, &vocab).ok());
  // After c, f32 keeps neither x nor xx: two x are no better than xx, which is there first.
  const double small = std::ldexp(1.0, -28), scores[] = {0, small, small, -1}, unknown = -11;
  Unigram single, twice;
  ASSERT_TRUE(single.build(vocab, scores, 4, 0, false, &unknown).ok());
  ASSERT_TRUE(twice.build(vocab, scores, 4, 0, false).ok());
  EXPECT_EQ(ids(&twice, "cxx"), (std::vector<uint32_t>{3, 1, 1}));
  EXPECT_EQ(ids(&single, "cxx"), (std::vector<uint32_t>{3, 2}));
}

TEST(Unigram, FusesUnknownsAndLooksTheRunUpAgain) {
  Vocab vocab;
  ASSERT_TRUE(build_vocab({"<unk>", "a", "b", "ab"}, &vocab).ok());
  const double scores[] = {0, -1, -1, -5};
  Unigram unigram;
  ASSERT_TRUE(unigram.build(vocab, scores, 4, 0, false).ok());
  EXPECT_EQ(ids(&unigram, "ab"), (std::vector<uint32_t>{1, 2}));
  EXPECT_EQ(ids(&unigram, "xyzaé"), (std::vector<uint32_t>{0, 1, 0}));
  EXPECT_EQ(ids(&unigram, "<unk>xa"), (std::vector<uint32_t>{0, 1}));
  EXPECT_EQ(ids(&unigram, ""), (std::vector<uint32_t>{}));
}

TEST(Unigram, StretchesJoinWithoutSeams) {
  Vocab vocab;
  ASSERT_TRUE(build_vocab({"<unk>", "a", "aa"}, &vocab).ok());
  const double scores[] = {0, -1.25, -1.5};
  Unigram unigram;
  ASSERT_TRUE(unigram.build(vocab, scores, 3, 0, false).ok());
  EXPECT_EQ(ids(&unigram, std::string(100000, 'x')), (std::vector<uint32_t>{0}));
  EXPECT_EQ(ids(&unigram, std::string(100000, 'a')).size(), 50000u);
  EXPECT_EQ(ids(&unigram, std::string(9999, 'x') + "aa" + std::string(9999, 'x')), (std::vector<uint32_t>{0, 2, 0}));
}

TEST(Unigram, FailsOnUnknownCharactersWithoutAnUnkId) {
  Vocab vocab;
  ASSERT_TRUE(build_vocab({"b", "a"}, &vocab).ok());
  const double scores[] = {0, -1};
  Unigram unigram;
  ASSERT_TRUE(unigram.build(vocab, scores, 2, Vocab::kNone, false).ok());
  std::vector<uint32_t> ids;
  const auto encode = [&](const std::string& text) {
    ids.clear();
    unigram.encode(bytes(text), text.size(), [&](uint32_t id, uint32_t, uint32_t) { ids.push_back(id); });
    return !unigram.failed();
  };
  EXPECT_TRUE(encode("abba"));
  EXPECT_EQ(ids, (std::vector<uint32_t>{1, 0, 0, 1}));
  EXPECT_FALSE(encode("abc"));
  EXPECT_TRUE(encode("ab"));
}

TEST(Unigram, RefusesWhatItDoesNotCover) {
  Vocab vocab;
  ASSERT_TRUE(build_vocab({"<unk>", "a"}, &vocab).ok());
  const double good[] = {0, -1}, bad[] = {0, NAN};
  Unigram unigram;
  EXPECT_EQ(unigram.build(vocab, good, 2, 0, false).code, Code::ok);
  EXPECT_EQ(unigram.build(vocab, good, 2, 2, false).code, Code::id_out_of_range);
  EXPECT_EQ(unigram.build(vocab, bad, 2, 0, false).code, Code::bad_file);
}

TEST(Unigram, RefusesPiecesThatWouldTakeTheSquareOfTheirLength) {
  const double scores[] = {0, -1};
  Unigram unigram;
  for (const size_t length : {1024, 1025}) {
    Vocab vocab;
    ASSERT_TRUE(build_vocab({"<unk>", std::string(length, 'a')}, &vocab).ok());
    EXPECT_EQ(unigram.build(vocab, scores, 2, 0, false).code, length > 1024 ? Code::unsupported : Code::ok);
  }
}
