#include "text/bpe_json.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace wembed::text {
namespace {

/// Reads a file strip after strip, as web/tokenizer/lists.js does: what is not done with stands first in the next
/// strip.
bool read_strips(const std::string& json, size_t strip, BpeJson* file) {
  for (size_t at = 0, size = strip;;) {
    // A copy of exactly this size, so that an access beyond it is seen.
    std::vector<uint8_t> copy(json.begin() + at, json.begin() + std::min(at + size, json.size()));
    const bool last = at + copy.size() == json.size();
    const size_t done = file->read(copy.data(), copy.size(), last);
    if (done == BpeJson::kCannot || last) return done != BpeJson::kCannot;
    EXPECT_LE(done, copy.size());
    at += done;
    if (done == 0) size *= 2;
  }
}

/// What was read as `piece=id;` and `left+right=merged;`, "none" where nothing was.
std::string read(const std::string& json, size_t strip = 1 << 20) {
  BpeJson file;
  if (!read_strips(json, strip, &file)) return "none";
  const Lists& lists = *file.lists();
  const Vocab& vocabulary = lists.vocabulary();
  std::string found;
  for (uint32_t i = 0; i < vocabulary.ids().size(); i++) {
    const uint8_t* bytes = vocabulary.bytes().data();
    const std::string piece(bytes + vocabulary.offsets()[i], bytes + vocabulary.offsets()[i + 1]);
    const uint32_t id = vocabulary.ids()[i];
    EXPECT_EQ(vocabulary.find(reinterpret_cast<const uint8_t*>(piece.data()), piece.size()), id);
    found += piece + "=" + std::to_string(id);
    if (!lists.scores().empty()) found += "@" + std::to_string(lists.scores()[i]);
    found += ";";
  }
  for (const Merge& merge : lists.merges())
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
  const std::string file = R"({"x":[{"model":1}],"model":{"y":null,"vocab":)" + vocab + R"(,"z":{},"merges":)" + merges;
  EXPECT_EQ(read(file + "}, \"w\":[]} "), found);
  for (size_t strip = 1; strip < 80; strip++) EXPECT_EQ(read(file + "} } ", strip), found) << strip;
}

TEST(BpeJson, ReadsTekken) {
  const std::string vocab =
      R"([{"rank":0,"token_bytes":"YQ==","token_str":"a"}, {"token_str":null,"token_bytes":"/w==")"
      R"(,"rank":1},{ "rank" : 2 , "token_bytes" : "YWI=" , "token_str":"\ud83d\ude00\"" },)"
      R"({"rank":3,"token_bytes":"AA=="}])";
  const std::string found = std::string("a=0;\xff=1;ab=2;") + '\0' + "=3;";
  const std::string file = R"({"config":{"a":[1]},"vocab":)" + vocab + R"(,"special_tokens":[{"rank":0}]} )";
  for (size_t strip = 1; strip < 200; strip++) EXPECT_EQ(read(file, strip), found) << strip;
  BpeJson places;
  ASSERT_TRUE(read_strips(file, 7, &places));
  EXPECT_EQ(file.substr(places.vocab().begin, places.vocab().end - places.vocab().begin), vocab);
  EXPECT_EQ(places.merges().end, 0u);
}

TEST(BpeJson, LeavesATekkenThatIsUnusual) {
  const auto entry = [](const std::string& fields) { return R"([{"rank":0,"token_bytes":"YQ=="},{)" + fields + "}]"; };
  ASSERT_NE(read("{\"vocab\":" + entry(R"("rank":1,"token_bytes":"Yg==","token_str":"b")") + "}"), "none");
  for (const char* fields : {"",
                             R"("rank":1)",
                             R"("token_bytes":"Yg==")",
                             R"("rank":2,"token_bytes":"Yg==")",
                             R"("rank":0,"token_bytes":"Yg==")",
                             R"("rank":1,"token_bytes":"YQ==")",
                             R"("rank":1,"token_bytes":"")",
                             R"("rank":1,"token_bytes":"Yg")",
                             R"("rank":1,"token_bytes":"Yh==")",
                             R"("rank":1,"token_bytes":"\u0059g==")",
                             R"("rank":1,"token_bytes":5)",
                             R"("rank":1,"rank":1,"token_bytes":"Yg==")",
                             R"("rank":1,"token_bytes":"Yg==","token_bytes":"Yg==")",
                             R"("r\u0061nk":1,"token_bytes":"Yg==")",
                             R"("rank":1.0,"token_bytes":"Yg==")",
                             R"("rank":01,"token_bytes":"Yg==")",
                             R"("rank":"1","token_bytes":"Yg==")",
                             R"("rank":1,"token_bytes":"Yg==","more":1)",
                             R"("rank":1,"token_bytes":"Yg==","token_str":1)",
                             R"("rank":1,"token_bytes":"Yg==","token_str":nul)",
                             R"("rank":1,"token_bytes":"Yg==","token_str":"\ud800")",
                             R"("rank":1,"token_bytes":"Yg==","token_str":"\x")",
                             "\"rank\":1,\"token_bytes\":\"Yg==\",\"token_str\":\"\xff\"",
                             R"("rank":1,"token_bytes":"Yg==",)"})
    for (const size_t strip : {size_t{16}, size_t{1} << 20})
      EXPECT_EQ(read("{\"vocab\":" + entry(fields) + "}", strip), "none") << fields;
  const std::string vocab = entry(R"("rank":1,"token_bytes":"Yg==")");
  for (const std::string& file :
       {R"({"vocab":)" + vocab + R"(,"vocab":)" + vocab + "}", R"({"model":{},"vocab":)" + vocab + "}",
        R"({"vocab":)" + vocab + R"(,"model":{}})", R"({"vocab":)" + vocab + R"(,"model":{"vocab":{"a":0}}})",
        R"({"vocab":)" + vocab + "}x", R"({"vocab":)" + vocab, std::string(R"({"vocab":[]})"),
        std::string(R"({"vocab":{"a":0}})")})
    EXPECT_EQ(read(file), "none") << file;
}

TEST(BpeJson, DoesNotReadToTheEndForTokensOfAnotherKind) {
  const std::string begin = R"({"config":{},"vocab":[{"id":0)";
  std::vector<uint8_t> json(begin.begin(), begin.end());
  EXPECT_EQ(BpeJson().read(json.data(), json.size(), false), BpeJson::kCannot);
}

TEST(BpeJson, ReadsPiecesWithScores) {
  const std::string json = R"({"model":{"vocab":[["a",-1.5], [ "\u00e9" , 0 ] ,["b",-2.5e-1]],"unk_id":1}})";
  const std::string found = "a=0@-1.500000;é=1@0.000000;b=2@-0.250000;";
  for (size_t strip = 1; strip < 80; strip++) EXPECT_EQ(read(json, strip), found) << strip;
  for (const char* wrong : {"[]", "[[]]", R"([["a"]])", R"([["a",1,2]])", R"([["a","1"]])", R"([["a",01]])",
                            R"([["a",1.]])", R"([["a",-]])", R"([["a",NaN]])", R"([["a",1],["a",2]])", R"([["a",1],])",
                            R"([["a",1]}])", R"([["a",1])", R"([["a",12345678901234567890]])", R"([["a",1e-40]])"})
    EXPECT_EQ(read(std::string(R"({"model":{"vocab":)") + wrong + "}}"), "none") << wrong;
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
       {std::string(), std::string("{}"), std::string(R"({"model":[]})"), std::string(R"({"model":{"vocab":5}})"),
        R"({"model":{"merges":[]}})" + std::string(), model(vocab, merges) + "x",
        R"({"model":{"merges":[],"vocab":)" + vocab + "}}",
        R"({"model":{"vocab":{"a":0},"vocab":)" + vocab + R"(,"merges":[]}})",
        R"({"model":{"vocab":)" + vocab + R"(,"merges":[],"merges":[]}})",
        R"({"model":{"vocab":)" + vocab + R"(,"merges":[],"mer\u0067es":[]}})",
        R"({"mod\u0065l":{},"model":{"vocab":)" + vocab + R"(,"merges":[]}})"})
    EXPECT_EQ(read(wrong), "none") << wrong;
}

TEST(BpeJson, SurvivesEveryTruncationAndChangedByte) {
  const std::string merges = R"(["\u00e9 b",["é","b"]])";
  for (const std::string& whole :
       {model(R"({"\u00e9":0,"b":1,"éb":2,"中":3})", merges),
        std::string(
            R"({"vocab":[{"rank":0,"token_bytes":"YQ==","token_str":"\u00e9"},{"rank":1,"token_bytes":"YWI="}]})")}) {
    ASSERT_NE(read(whole), "none");
    for (size_t size = 0; size < whole.size(); size++) {
      for (const size_t strip : {8, 1000}) EXPECT_EQ(read(whole.substr(0, size), strip), "none");
      for (const int byte : {0x00, 0x20, 0x22, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d, 0x2c, 0x80, 0xff}) {
        std::string changed = whole;
        changed[size] = static_cast<char>(byte);
        read(changed);
      }
    }
  }
}

}  // namespace
}  // namespace wembed::text
