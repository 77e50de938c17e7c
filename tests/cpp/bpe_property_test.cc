#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "text/bpe_text.h"
#include "text/split.h"
#include "text_golden.h"

using namespace wembed;
using namespace wembed::text;
using namespace golden;

// Merging as it is defined, on random vocabularies and texts, against all that is there to be faster.

namespace {

const std::vector<std::string> kCharacters = {"a", "b", "c", "s", "'", " ", "1", "\n", "中", "文", "丮", "é", "😀"};

struct RandomBpe {
  std::vector<std::string> pieces;
  std::map<std::string, uint32_t> id_of;
  std::vector<Merge> merges;
  BpeOptions options;
  Vocab vocab;

  explicit RandomBpe(std::mt19937* random) {
    const auto below = [&](size_t n) { return static_cast<uint32_t>((*random)() % n); };
    for (int b = 0; b < 256; ++b) add(std::string(1, char(b)));
    std::vector<uint32_t> usable;
    for (const std::string& character : kCharacters)
      for (char byte : character) usable.push_back(uint8_t(byte));
    for (uint32_t tries = 20 + below(300); tries > 0; --tries) {
      const uint32_t left = usable[below(usable.size())], right = usable[below(usable.size())];
      const std::string merged = pieces[left] + pieces[right];
      if (merged.size() > 18 || id_of.count(merged)) continue;
      merges.push_back({left, right, uint32_t(pieces.size())});
      usable.push_back(uint32_t(pieces.size()));
      add(merged);
    }
    if (below(2)) std::shuffle(merges.begin(), merges.end(), *random);
    const bool equal = below(2);
    for (size_t i = 1; equal && i < merges.size(); ++i)
      if (below(2)) merges[i].merged |= Merge::kSameRank;
    options.byte_level = true;
    options.ignore_merges = below(2);
    options.ranks = below(2);
  }

  bool build(Bpe* bpe) {
    if (!build_vocab(pieces, &vocab).ok()) return false;
    return bpe->build(vocab, merges.data(), options.ranks ? 0 : uint32_t(merges.size()), options).ok();
  }

  /// The definition.
  std::vector<uint32_t> ids(const std::string& piece) const {
    if (options.ignore_merges && id_of.count(piece)) return {id_of.at(piece)};
    std::vector<uint32_t> ids;
    for (char byte : piece) ids.push_back(uint8_t(byte));
    for (;;) {
      size_t best = 0;
      std::pair<size_t, uint32_t> lowest{SIZE_MAX, 0};
      for (size_t i = 0; i + 1 < ids.size(); ++i) {
        const auto found = merge_of(ids[i], ids[i + 1]);
        if (found.first < lowest.first) lowest = found, best = i;
      }
      if (lowest.first == SIZE_MAX) return ids;
      ids[best] = lowest.second;
      ids.erase(ids.begin() + long(best) + 1);
    }
  }

 private:
  void add(const std::string& piece) {
    id_of[piece] = uint32_t(pieces.size());
    pieces.push_back(piece);
  }
  /// The rank of two neighbours' merge and what they become.
  std::pair<size_t, uint32_t> merge_of(uint32_t left, uint32_t right) const {
    if (options.ranks) {
      const auto found = id_of.find(pieces[left] + pieces[right]);
      return found == id_of.end() ? std::pair<size_t, uint32_t>{SIZE_MAX, 0}
                                  : std::pair<size_t, uint32_t>{found->second, found->second};
    }
    for (size_t rank = 0; rank < merges.size(); ++rank)
      if (merges[rank].left == left && merges[rank].right == right) {
        const uint32_t merged = merges[rank].merged & ~Merge::kSameRank;
        while (merges[rank].merged & Merge::kSameRank) --rank;
        return {rank, merged};
      }
    return {SIZE_MAX, 0};
  }
};

/// Runs of few kinds of characters: short pieces and long ones.
std::string random_text(std::mt19937* random) {
  std::string text;
  for (uint32_t runs = (*random)() % 12; runs > 0; --runs) {
    const size_t first = (*random)() % kCharacters.size(), kinds = 1 + (*random)() % 5;
    for (uint32_t n = (*random)() % ((*random)() % 8 ? 20 : 150); n > 0; --n)
      text += kCharacters[(first + (*random)() % kinds) % kCharacters.size()];
  }
  return text;
}

std::vector<uint32_t> vector_of(const Array<uint32_t>& ids) { return {ids.begin(), ids.end()}; }

}  // namespace

class BpeProperty : public testing::TestWithParam<BpeText> {};
INSTANTIATE_TEST_SUITE_P(Variants, BpeProperty, testing::Values(bpe_text_scalar, bpe_text_simd128));

TEST_P(BpeProperty, GivesTheIdsThatMergingAsDefinedGives) {
  std::mt19937 random(11);
  for (int round = 0; round < 60; ++round) {
    RandomBpe made(&random);
    Bpe at_once, piece_by_piece;
    ASSERT_TRUE(made.build(&at_once));
    ASSERT_TRUE(made.build(&piece_by_piece));
    for (int t = 0; t < 12; ++t) {
      const std::string text = random_text(&random);
      const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
      std::vector<uint32_t> wanted, encoded;
      Array<uint32_t> added;
      split(Pattern::gpt2, bytes, text.size(), [&](size_t begin, size_t end) {
        const std::vector<uint32_t> ids = made.ids(text.substr(begin, end - begin));
        wanted.insert(wanted.end(), ids.begin(), ids.end());
        piece_by_piece.add_ids(bytes + begin, end - begin, &added);
        piece_by_piece.encode(bytes + begin, end - begin,
                              [&](uint32_t id, uint32_t, uint32_t) { encoded.push_back(id); });
      });
      EXPECT_EQ(vector_of(added), wanted) << round << " " << text;
      EXPECT_EQ(encoded, wanted) << round << " " << text;
      for (int time = 0; time < 2; ++time) {  // what is met again is remembered
        Array<uint32_t> ids;
        EXPECT_EQ(GetParam()(at_once, Pattern::gpt2, bytes, text.size(), SIZE_MAX, &ids), text.size());
        EXPECT_EQ(vector_of(ids), wanted) << round << " " << text;
      }
    }
  }
}

TEST_P(BpeProperty, ForgetsNothingThatItStillGives) {
  std::mt19937 random(12);
  RandomBpe made(&random);
  Bpe bpe;
  ASSERT_TRUE(made.build(&bpe));
  // More long pieces than are remembered at a time, some of them again and again.
  for (int round = 0; round < 3000; ++round) {
    std::string text = random_text(&random);
    if (text.size() > 600) text.clear();
    text += std::string(size_t(17 + round % 7), 'a') + " 中文中文中文中文";
    const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
    Array<uint32_t> ids;
    GetParam()(bpe, Pattern::gpt2, bytes, text.size(), SIZE_MAX, &ids);
    if (round % 10) continue;
    std::vector<uint32_t> wanted;
    split(Pattern::gpt2, bytes, text.size(), [&](size_t begin, size_t end) {
      const std::vector<uint32_t> piece = made.ids(text.substr(begin, end - begin));
      wanted.insert(wanted.end(), piece.begin(), piece.end());
    });
    ASSERT_EQ(vector_of(ids), wanted) << round << " " << text;
  }
}

TEST_P(BpeProperty, PiecesThatChangePlacesKeepTheirIds) {
  std::mt19937 random(13);
  RandomBpe made(&random);
  Bpe bpe, piece_by_piece;
  ASSERT_TRUE(made.build(&bpe));
  ASSERT_TRUE(made.build(&piece_by_piece));
  // More short pieces than are remembered, and those that are frequent are others after a while.
  constexpr size_t kPieces = 90000, kFrequent = 3000;
  const auto piece_of = [](size_t i) {
    std::string piece = " a";
    for (size_t left = i; left; left /= 3) piece += "abc"[left % 3];
    return piece;
  };
  std::vector<std::vector<uint32_t>> ids_of(kPieces);
  for (size_t i = 0; i < kPieces; ++i) {
    const std::string piece = piece_of(i);
    piece_by_piece.encode(bytes(piece), piece.size(),
                          [&](uint32_t id, uint32_t, uint32_t) { ids_of[i].push_back(id); });
  }
  for (size_t round = 0; round < 150; ++round) {
    std::string text;
    std::vector<uint32_t> wanted;
    for (int n = 0; n < 2000; ++n) {
      const size_t from = random() % 4 ? round / 30 * 7919 + random() % kFrequent : random();
      const size_t i = from % kPieces;
      text += piece_of(i);
      wanted.insert(wanted.end(), ids_of[i].begin(), ids_of[i].end());
    }
    Array<uint32_t> ids;
    ASSERT_EQ(GetParam()(bpe, Pattern::gpt2, bytes(text), text.size(), SIZE_MAX, &ids), text.size());
    ASSERT_EQ(vector_of(ids), wanted) << round;
  }
}
