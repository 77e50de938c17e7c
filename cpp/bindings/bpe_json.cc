#include "text/bpe_json.h"

#include <memory>

#include "bindings/call.h"
#include "bindings/exports.h"

namespace wembed::bindings {

uint32_t bpe_json_read(uint32_t json, uint32_t size, uint32_t out) {
  std::unique_ptr<text::BpeJson> file(new text::BpeJson);
  if (!file->read(at<uint8_t>(json), size)) return 0;
  const Array<uint32_t>& section = file->section();
  const Array<text::Merge>& ids = file->merged_ids();
  const size_t found[] = {file->vocab().begin,        file->vocab().end,  file->merges().begin,   file->merges().end,
                          address_of(section.data()), 4 * section.size(), address_of(ids.data()), 12 * ids.size()};
  for (size_t i = 0; i < 8; i++) at<uint32_t>(out)[i] = static_cast<uint32_t>(found[i]);
  return address_of(file.release());
}

void bpe_json_ids(uint32_t file, uint32_t utf8, uint32_t ends, uint32_t n, uint32_t out) {
  const text::Vocab& vocabulary = at<text::BpeJson>(file)->vocabulary();
  for (uint32_t i = 0, begin = 0; i < n; begin = at<uint32_t>(ends)[i++])
    at<uint32_t>(out)[i] = vocabulary.find(at<uint8_t>(utf8) + begin, at<uint32_t>(ends)[i] - begin);
}

void bpe_json_free(uint32_t file) { delete at<text::BpeJson>(file); }

}  // namespace wembed::bindings
