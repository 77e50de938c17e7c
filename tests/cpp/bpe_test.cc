#include "text/bpe.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "text/split.h"
#include "text_golden.h"

using namespace wembed;
using namespace wembed::text;
using namespace golden;

namespace {

constexpr uint32_t kNone = Vocab::kNone;

void expect_byte_level(const std::string& name, Pattern pattern, bool ignore_merges) {
  Model model;
  ASSERT_TRUE(read_model(name, &model));
  BpeOptions options;
  options.byte_level = true;
  options.ignore_merges = ignore_merges;
  Bpe bpe;
  ASSERT_TRUE(bpe.build(model.vocab, model.merges.data(), uint32_t(model.merges.size()), options).ok());
  const std::vector<std::string> texts = read_texts();
  const std::vector<uint32_t> hashes = read_hashes(name);
  ASSERT_EQ(hashes.size(), texts.size());
  for (int pass = 0; pass < 2; ++pass) {  // the second pass meets remembered pieces
    for (size_t i = 0; i < texts.size(); ++i) {
      Fnv fnv;
      split(pattern, bytes(texts[i]), texts[i].size(), [&](size_t begin, size_t end) {
        uint32_t last = 0;
        bpe.encode(bytes(texts[i]) + begin, end - begin, [&](uint32_t id, uint32_t from, uint32_t to) {
          EXPECT_EQ(from, last);
          last = to;
          fnv.add(id);
        });
        EXPECT_EQ(last, end - begin);
      });
      ASSERT_EQ(fnv.h, hashes[i]) << name << " " << i << ": " << texts[i];
    }
  }
}

void expect_characters(const std::string& name, const BpeOptions& options, bool spaces) {
  Model model;
  ASSERT_TRUE(read_model(name, &model));
  Bpe bpe;
  ASSERT_TRUE(bpe.build(model.vocab, model.merges.data(), uint32_t(model.merges.size()), options).ok());
  const std::vector<std::string> texts = read_texts();
  const std::vector<uint32_t> hashes = read_hashes(name);
  ASSERT_EQ(hashes.size(), texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::string piece = spaces ? metaspace(texts[i]) : texts[i];
    Fnv fnv;
    bpe.encode(bytes(piece), piece.size(), [&](uint32_t id, uint32_t, uint32_t end) {
      fnv.add(id);
      fnv.add(end);
    });
    ASSERT_EQ(fnv.h, hashes[i]) << name << " " << i << ": " << piece;
  }
}

std::vector<uint32_t> ids(Bpe* bpe, const std::string& piece) {
  std::vector<uint32_t> out;
  bpe->encode(bytes(piece), piece.size(), [&](uint32_t id, uint32_t, uint32_t) { out.push_back(id); });
  return out;
}

}  // namespace

TEST(Bpe, ByteLevelMatchesTheReference) {
  expect_byte_level("bpe_gpt2", Pattern::gpt2, false);
  expect_byte_level("bpe_llama3", Pattern::cl100k, true);
  expect_byte_level("bpe_qwen2", Pattern::qwen2, false);
}

TEST(Bpe, ByteFallbackMatchesTheReference) {
  BpeOptions options;
  options.unk_id = 0;
  options.byte_fallback = true;
  options.fuse_unk = true;
  expect_characters("bpe_spm", options, true);
  options.fuse_unk = false;
  expect_characters("bpe_partial", options, true);
}

TEST(Bpe, SuffixMatchesTheReference) {
  static const uint8_t kSuffix[] = {'<', '/', 'w', '>'};
  BpeOptions options;
  options.unk_id = 0;
  options.end_of_word_suffix = {kSuffix, 4};
  expect_characters("bpe_suffix", options, false);
}

TEST(Bpe, LowestRankThenLeftmost) {
  Vocab vocab;
  ASSERT_TRUE(build_vocab({"a", "b", "aa", "ab", "aab"}, &vocab).ok());
  const Merge merges[] = {{0, 0, 2}, {0, 1, 3}, {2, 1, 4}};
  Bpe bpe;
  ASSERT_TRUE(bpe.build(vocab, merges, 3, {}).ok());
  EXPECT_EQ(ids(&bpe, "aaa"), (std::vector<uint32_t>{2, 0}));
  EXPECT_EQ(ids(&bpe, "aaab"), (std::vector<uint32_t>{2, 3}));
  EXPECT_EQ(ids(&bpe, "aab"), (std::vector<uint32_t>{4}));
  EXPECT_EQ(ids(&bpe, ""), (std::vector<uint32_t>{}));
  EXPECT_EQ(ids(&bpe, "xax"), (std::vector<uint32_t>{0}));  // without an unk_id the unknown vanishes
}

TEST(Bpe, OneLongWordMergesThroughTheQueue) {
  Vocab vocab;
  ASSERT_TRUE(build_vocab({"a", "aa", "aaaa"}, &vocab).ok());
  const Merge merges[] = {{0, 0, 1}, {1, 1, 2}};
  Bpe bpe;
  ASSERT_TRUE(bpe.build(vocab, merges, 2, {}).ok());
  EXPECT_EQ(ids(&bpe, std::string(40003, 'a')).size(), 10002u);
}

TEST(Bpe, CutsChangeNothing) {
  Model model;
  ASSERT_TRUE(read_model("bpe_spm", &model));
  BpeOptions options;
  options.unk_id = 0;
  options.byte_fallback = options.fuse_unk = true;
  Bpe cutting, whole;
  ASSERT_TRUE(cutting.build(model.vocab, model.merges.data(), uint32_t(model.merges.size()), options).ok());
  options.ignore_merges = true;  // of a piece that is no token this only forbids the cuts
  ASSERT_TRUE(whole.build(model.vocab, model.merges.data(), uint32_t(model.merges.size()), options).ok());
  std::string piece;
  for (const std::string& text : read_texts()) piece += metaspace(text);
  ASSERT_EQ(ids(&cutting, piece), ids(&whole, piece));
}

TEST(Bpe, RefusesWhatItDoesNotCover) {
  Vocab vocab;
  ASSERT_TRUE(build_vocab({"a", "b", "ab"}, &vocab).ok());
  Bpe bpe;
  const Merge good{0, 1, 2}, unknown{0, 7, 2}, wrong{1, 0, 2};
  EXPECT_EQ(bpe.build(vocab, &good, 1, {}).code, Code::ok);
  EXPECT_EQ(bpe.build(vocab, &unknown, 1, {}).code, Code::id_out_of_range);
  EXPECT_EQ(bpe.build(vocab, &wrong, 1, {}).code, Code::bad_file);
  BpeOptions options;
  options.unk_id = 9;
  EXPECT_EQ(bpe.build(vocab, &good, 1, options).code, Code::id_out_of_range);
  options.unk_id = kNone;
  options.byte_level = options.byte_fallback = true;
  EXPECT_EQ(bpe.build(vocab, &good, 1, options).code, Code::unsupported);
}

TEST(Bpe, ByteLevelSpellings) {
  const auto raw = [](const std::string& token) {
    std::vector<uint8_t> out(token.size() + 1);
    const ptrdiff_t n = byte_level_to_raw(bytes(token), token.size(), out.data());
    return n < 0 ? std::string("none") : std::string(out.begin(), out.begin() + n);
  };
  EXPECT_EQ(raw("Ġthe"), " the");
  EXPECT_EQ(raw("Ċ"), "\n");
  EXPECT_EQ(raw("Ã©"), "é");
  EXPECT_EQ(raw("ġĢłŃ"), "\x7F\x80\xA0\xAD");
  EXPECT_EQ(raw("a b"), "none");
  EXPECT_EQ(raw("日"), "none");
}
