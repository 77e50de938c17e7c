#include "text/vocab_json.h"

#include "text/json_scanner.h"
#include "text/vocab_section.h"

namespace wembed::text {
namespace {

struct Search {
  VocabRange* range;
  uint32_t models = 0, vocabularies = 0;
};

void in_model(JsonScanner* in, Bytes key, void* context) {
  auto* search = static_cast<Search*>(context);
  if (!is_key(key, "vocab")) return in->skip_value();
  if (search->vocabularies++) in->fail();
  search->range->begin = static_cast<size_t>(in->p - in->start);
  in->skip_value();
  search->range->end = static_cast<size_t>(in->p - in->start);
}

void in_file(JsonScanner* in, Bytes key, void* context) {
  auto* search = static_cast<Search*>(context);
  if (!is_key(key, "model")) return in->skip_value();
  if (search->models++) in->fail();
  in->object(in_model, context);
}

}  // namespace

bool find_vocab(const uint8_t* json, size_t size, VocabRange* range) {
  JsonScanner in{json, json + size};
  Search search{range};
  in.object(in_file, &search);
  in.peek();
  return in.ok && in.p == in.end && range->end > range->begin && json[range->begin] == '{';
}

size_t write_vocab_section(const uint8_t* json, size_t size, uint8_t* out) {
  VocabSectionWriter section(size, out);
  JsonScanner in{json, json + size};
  in.expect('{');
  do {
    in.expect('"');
    if (!in.ok) return 0;
    section.at = in.string(section.at);
    in.expect(':');
    section.add(in.number());
  } while (in.take(','));
  in.expect('}');
  if (!in.ok || in.p != in.end) return 0;

  return section.finish();
}

}  // namespace wembed::text
