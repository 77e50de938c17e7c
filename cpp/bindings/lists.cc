#include "bindings/call.h"
#include "bindings/exports.h"
#include "text/bpe_json.h"

namespace wembed::bindings {
namespace {

text::Lists* lists_of(uint32_t file) { return at<text::BpeJson>(file)->lists(); }

}  // namespace

uint32_t lists_create() { return address_of(new text::BpeJson); }

uint32_t lists_read_json(uint32_t file, uint32_t json, uint32_t size, bool last) {
  return static_cast<uint32_t>(at<text::BpeJson>(file)->read(at<uint8_t>(json), size, last));
}

bool lists_read_vocab(uint32_t file, uint32_t json, uint32_t size) {
  return at<text::BpeJson>(file)->read_vocab(at<uint8_t>(json), size);
}

bool lists_read_strings(uint32_t file, uint32_t strings, uint32_t size, uint32_t n) {
  return lists_of(file)->read_strings(at<uint8_t>(strings), size, n);
}

bool lists_read_pieces(uint32_t file, uint32_t model, uint32_t size) {
  return lists_of(file)->read_pieces(at<uint8_t>(model), size);
}

bool lists_merge_strings(uint32_t file, uint32_t strings, uint32_t size, uint32_t n) {
  return lists_of(file)->read_merge_strings(at<uint8_t>(strings), size, n);
}

bool lists_merge_lines(uint32_t file, uint32_t lines, uint32_t size) {
  return lists_of(file)->read_merge_lines(at<uint8_t>(lines), size);
}

bool lists_merge_by(uint32_t file, uint32_t order, uint32_t scores) {
  return lists_of(file)->merge_by(static_cast<text::Lists::Order>(order), at<float>(scores));
}

void lists_found(uint32_t file, uint32_t out) {
  const auto* json = at<text::BpeJson>(file);
  const text::Lists& lists = json->lists();
  const text::Vocab& pieces = lists.vocabulary();
  const size_t found[] = {json->vocab().begin,
                          json->vocab().end,
                          json->merges().begin,
                          json->merges().end,
                          pieces.ids().size(),
                          pieces.bytes().size(),
                          lists.merges().size(),
                          lists.rest(),
                          address_of(pieces.offsets().data()),
                          address_of(pieces.ids().data()),
                          address_of(pieces.bytes().data()),
                          address_of(lists.merges().data()),
                          address_of(lists.scores().data()),
                          address_of(lists.types().data())};
  for (size_t i = 0; i < 14; i++) at<uint32_t>(out)[i] = static_cast<uint32_t>(found[i]);
}

uint32_t lists_id(uint32_t file, uint32_t utf8, uint32_t size) {
  return lists_of(file)->vocabulary().find(at<uint8_t>(utf8), size);
}

void lists_free(uint32_t file) { delete at<text::BpeJson>(file); }

}  // namespace wembed::bindings
