#include "text/wordpiece.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "text_golden.h"

using namespace wembed;
using namespace wembed::text;
using namespace golden;

namespace {

const std::string kPrefix = "##";
Bytes prefix() { return {bytes(kPrefix), kPrefix.size()}; }

}  // namespace

TEST(WordPiece, TakesWordsOfAnyLengthWhereThePiecesAreShort) {
  Vocab vocab;
  ASSERT_TRUE(build_vocab({"[UNK]", "a", "##a", "##aa"}, &vocab).ok());
  WordPiece word_piece;
  ASSERT_TRUE(word_piece.build(vocab, 0, prefix(), 0xFFFFFFFF).ok());
  const std::string word(100001, 'a');
  std::vector<uint32_t> ids;
  word_piece.encode(bytes(word), word.size(), [&](uint32_t id, uint32_t, uint32_t) { ids.push_back(id); });
  ASSERT_EQ(ids.size(), 50001u);
  EXPECT_EQ(ids[0], 1u);
  EXPECT_EQ(ids[50000], 3u);
}

TEST(WordPiece, RefusesPiecesThatWouldTakeTheSquareOfTheirLength) {
  for (const size_t length : {1024, 1025}) {
    Vocab vocab;
    ASSERT_TRUE(build_vocab({"[UNK]", std::string(length, 'a')}, &vocab).ok());
    WordPiece word_piece;
    EXPECT_EQ(word_piece.build(vocab, 0, prefix(), 1 << 20).code, length > 1024 ? Code::unsupported : Code::ok);
    EXPECT_TRUE(word_piece.build(vocab, 0, prefix(), 100).ok());  // no word is as long
  }
}
