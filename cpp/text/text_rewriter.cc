#include "text/text_rewriter.h"

#include "text/unicode.h"

namespace wembed::text {

void TextRewriter::begin() {
  scratch_.bytes.clear();
  scratch_.source.clear();
}

/// @param from  the byte of the text whose place the new bytes have
void TextRewriter::put(const Text& text, const uint8_t* s, size_t n, size_t from) {
  scratch_.bytes.append(s, n);
  if (text.tracked) scratch_.source.append(n, text.source[from]);
}

void TextRewriter::finish(Text* text) {
  text->bytes.swap(scratch_.bytes);
  text->source.swap(scratch_.source);
}

void TextRewriter::spell_bytes(Text* text) {
  begin();
  for (Text::Piece& piece : text->pieces) {
    const size_t begin = scratch_.bytes.size();
    for (size_t i = piece.begin; i < piece.end; i++) {
      uint8_t spelled[4];
      put(*text, spelled, encode_utf8(character_of_byte(text->bytes[i]), spelled), i);
    }
    piece = {begin, scratch_.bytes.size()};
  }
  finish(text);
}

void TextRewriter::prefix_space(Text* text) {
  static constexpr uint8_t kSpace = ' ';
  begin();
  for (Text::Piece& piece : text->pieces) {
    const size_t begin = scratch_.bytes.size(), size = piece.end - piece.begin;
    if (size && text->bytes[piece.begin] != kSpace) put(*text, &kSpace, 1, piece.begin);
    scratch_.bytes.append(text->bytes.data() + piece.begin, size);
    if (text->tracked) scratch_.source.append(text->source.data() + piece.begin, size);
    piece = {begin, scratch_.bytes.size()};
  }
  finish(text);
}

void TextRewriter::metaspace(PrependScheme scheme, const Array<uint8_t>& mark, bool at_start, Text* text) {
  begin();
  for (Text::Piece& piece : text->pieces) {
    const size_t begin = scratch_.bytes.size();
    if (piece.end > piece.begin) {
      const bool leads = text->bytes[piece.begin] == ' ';
      const uint8_t* s = leads ? mark.data() : text->bytes.data() + piece.begin;
      const size_t size = leads ? mark.size() : piece.end - piece.begin;
      const bool is_first = text->tracked ? source_begin(text->source[piece.begin]) == 0 : at_start && piece.begin == 0;
      if (metaspace_prepends(scheme, is_first, s, size, mark.data(), mark.size()))
        put(*text, mark.data(), mark.size(), piece.begin);
    }
    for (size_t i = piece.begin; i < piece.end; i++) {
      const bool space = text->bytes[i] == ' ';
      put(*text, space ? mark.data() : text->bytes.data() + i, space ? mark.size() : 1, i);
    }
    piece = {begin, scratch_.bytes.size()};
  }
  finish(text);
}

}  // namespace wembed::text
