// A tokenizer.json's vocabulary and merges, or a tekken.json's tokens, read from the file's bytes: none or whole, and
// never more room than it said.
#include "input.h"
#include "text/bpe_json.h"
#include "text/vocab_json.h"

using namespace wembed;

namespace {

void check(const text::Lists& lists) {
  for (const text::Merge& merge : lists.merges())
    for (const uint32_t id : {merge.left, merge.right, merge.merged & ~text::Merge::kSameRank})
      require(lists.vocabulary().piece(id).data);
  const text::Vocab& pieces = lists.vocabulary();
  require(pieces.offsets().size() == pieces.ids().size() + 1);
  for (size_t i = 0; i < pieces.ids().size(); i++) require(pieces.offsets()[i] <= pieces.offsets()[i + 1]);
  require(pieces.ids().empty() || pieces.offsets()[pieces.ids().size()] == pieces.bytes().size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const std::unique_ptr<uint8_t[]> json = input.take(size);
  text::VocabRange range;
  size_t begin = 0, length = size;
  if (text::find_vocab(json.get(), size, &range)) {
    require(range.begin < range.end && range.end <= size);
    begin = range.begin;
    length = range.end - range.begin;
  }
  // What finds no vocabulary is tried as one.
  const std::unique_ptr<uint8_t[]> vocab(new uint8_t[length]);
  if (length > 0) std::memcpy(vocab.get(), json.get() + begin, length);
  const size_t room = text::vocab_section_room(length);
  const std::unique_ptr<uint8_t[]> section(new uint8_t[room]);
  const size_t written = text::write_vocab_section(vocab.get(), length, section.get());
  require(written <= room && written % 4 == 0);
  text::BpeJson file;
  const size_t strip = size / 2;
  size_t done = file.read(json.get(), strip, false);
  if (done != text::BpeJson::kCannot) {
    require(done <= strip);
    done = file.read(json.get() + done, size - done, true);
  }
  if (done != text::BpeJson::kCannot) check(*file.lists());
  // Nor is it a GGUF file's or SentencePiece's.
  text::Lists strings, pieces;
  const std::unique_ptr<uint8_t[]> copy(new uint8_t[size]);
  std::memcpy(copy.get(), data, size);
  if (strings.read_strings(copy.get(), size, static_cast<uint32_t>(size / 9))) check(strings);
  if (pieces.read_pieces(copy.get(), size) && pieces.merge_by(text::Lists::Order::score, nullptr)) check(pieces);
  return 0;
}
