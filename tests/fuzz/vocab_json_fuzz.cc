// A tokenizer.json's vocabulary and merges, read from the file's bytes: none or whole, and never more room than it said.
#include "input.h"
#include "text/bpe_json.h"
#include "text/vocab_json.h"

using namespace wembed;

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
  if (file.read(json.get(), size)) {
    for (const text::Merge& merge : file.merged_ids())
      for (const uint32_t id : {merge.left, merge.right, merge.merged}) require(file.vocabulary().piece(id).data);
  }
  return 0;
}
