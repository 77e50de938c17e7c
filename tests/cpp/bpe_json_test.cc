#include "text/bpe_json.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wembed::text {
namespace {

/// What was read as `piece=id;` and `left+right=merged;`, "none" where nothing was.
std::string read(const std::string& json) {
  // A copy of exactly this size, so that an access beyond it is seen.
  std::vector<uint8_t> copy(json.begin(), json.end());
  BpeJson file;
  if (!file.read(copy.data(), copy.size())) return "none";
  const uint32_t n = file.section()[0];
  EXPECT_EQ(file.section()[1], 1u);
  const uint32_t *offsets = &file.section()[2], *ids = offsets + n + 1;
  const char* pieces = reinterpret_cast<const char*>(ids + n + 1);
  EXPECT_EQ(ids[n], offsets[n]);
  EXPECT_EQ(file.section().size(), 2 * size_t{n} + 4 + (offsets[n] + 3) / 4);
  std::string found;
  for (uint32_t i = 0; i < n; i++) {
    const std::string piece(pieces + offsets[i], pieces + offsets[i + 1]);
    EXPECT_EQ(file.vocabulary().find(reinterpret_cast<const uint8_t*>(piece.data()), piece.size()), ids[i]);
    found += piece + "=" + std::to_string(ids[i]) + ";";
  }
  for (const Merge& merge : file.merged_ids())
    found += std::to_string(merge.left) + "+" + std::to_string(merge.right) + "=" + std::to_string(merge.merged) + ";";
  return found;
}

std::string model(const std::string& vocab, const std::string& merges) {
  return R"({"model":{"type":"BPE","vocab":)" + vocab + R"(,"merges":)" + merges + "}}";
}

TEST(BpeJson, ReadsTokensAndMergesOfBothForms) {
  const std::string vocab = R"({"a":0,"b":1,"ab":2,"aba":9, "c d":4,"c":5," d":6})";
  const std::string pieces = "a=0;b=1;ab=2;aba=9;c d=4;c=5; d=6;";
  EXPECT_EQ(read(model(vocab, "[]")), pieces);
  EXPECT_EQ(read(model(vocab, R"(["a b", "ab a"])")), pieces + "0+1=2;2+0=9;");
  EXPECT_EQ(read(model(vocab, R"([ [ "a" , "b" ],["c"," d"], "ab a" ] )")), pieces + "0+1=2;5+6=4;2+0=9;");
}

TEST(BpeJson, ReadsEscapesAndAnyOrder) {
  const std::string vocab = R"({"\u0120":0,"\ud83d\ude00":1,"Ġ😀":2,"\"\\":3,"\"":4,"\\":5})";
  const std::string merges = R"(["\u0120 \ud83d\ude00","Ġ\u0020😀",["\"","\\"]])";
  const std::string found = "Ġ=0;😀=1;Ġ😀=2;\"\\=3;\"=4;\\=5;0+1=2;0+1=2;4+5=3;";
  EXPECT_EQ(read(model(vocab, merges)), found);
  EXPECT_EQ(read(R"({"x":[{"model":1}],"model":{"merges":)" + merges + R"(,"y":null,"vocab":)" + vocab + "}} "), found);
}

TEST(BpeJson, LeavesWhatIsUnusual) {
  const std::string vocab = R"({"a":0,"b":1,"ab":2})", merges = R"(["a b"])";
  ASSERT_NE(read(model(vocab, merges)), "none");
  for (const char* wrong :
       {"{}", "[]", "null", R"({"a":0,"a":1})", R"({"a":0,"\u0061":1})", R"({"a":0,"b":0})", R"({"a":-1})",
        R"({"a":1.5})", R"({"a":99999999})", R"({"\ud800":1})", "{\"\xff\":1}", R"({"a":0,})", R"({"a":0)"})
    EXPECT_EQ(read(model(wrong, "[]")), "none") << wrong;
  for (const char* wrong : {"{}", "null", R"(["ab"])", R"(["a b "])", R"([" a b"])", R"(["a  b"])", R"([["a"]])",
                            R"([["a","b","ab"]])", R"([["a",1]])", R"([1])", R"(["a c"])", R"(["b a"])", R"(["a b",])",
                            R"(["a b")", R"(["a b" "a b"])", R"(["a \ud800"])", R"([""])", R"([" "])"})
    EXPECT_EQ(read(model(vocab, wrong)), "none") << wrong;
  for (const std::string& wrong :
       {std::string(), std::string("{}"), std::string(R"({"model":[]})"), R"({"model":{"vocab":)" + vocab + "}}",
        R"({"model":{"merges":[]}})" + std::string(), model(vocab, merges) + "x",
        R"({"model":{"vocab":{"a":0},"vocab":)" + vocab + R"(,"merges":[]}})",
        R"({"model":{"vocab":)" + vocab + R"(,"merges":[],"merges":[]}})",
        R"({"model":{"vocab":)" + vocab + R"(,"merges":[],"mer\u0067es":[]}})",
        R"({"mod\u0065l":{},"model":{"vocab":)" + vocab + R"(,"merges":[]}})"})
    EXPECT_EQ(read(wrong), "none") << wrong;
}

TEST(BpeJson, SurvivesEveryTruncationAndChangedByte) {
  const std::string whole = model(R"({"\u00e9":0,"b":1,"éb":2,"中":3})", R"(["\u00e9 b",["é","b"]])");
  ASSERT_NE(read(whole), "none");
  for (size_t size = 0; size < whole.size(); size++) {
    EXPECT_EQ(read(whole.substr(0, size)), "none");
    for (const int byte : {0x00, 0x20, 0x22, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d, 0x2c, 0x80, 0xff}) {
      std::string changed = whole;
      changed[size] = static_cast<char>(byte);
      read(changed);
    }
  }
}

}  // namespace
}  // namespace wembed::text
