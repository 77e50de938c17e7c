#pragma once
#include <cstdint>

#include "core/array.h"
#include "core/status.h"
#include "text/normalizer.h"
#include "text/reader.h"
#include "text/vocab.h"

namespace wembed::text {

/// The added tokens of a tokenizer.json: found in the text before anything splits it, leftmost and longest first.
/// A trie in a hash of (node, byte): building is linear in the tokens' lengths, finding in the text's.
class AddedTokens {
 public:
  enum Flags : uint32_t {
    kSpecial = 1,
    kLeftStrip = 2,
    kRightStrip = 4,
    kSingleWord = 8,
    kNormalized = 16,
    kLeftOut = 32
  };

  /// A token found: id, and its place in the bytes searched (with the white space that lstrip, rstrip take).
  struct Found {
    uint32_t id;
    size_t begin, end;
  };

  /// Tokens that are sought in normalized text are normalized themselves, but for SentencePiece's user-defined pieces.
  Status build(Reader* in, Normalizer* normalizer);

  bool any(bool normalized) const { return tries_[normalized].any; }

  /// The next token from `from` on; false where there is none. Text before `kept_from` is taken already: a token that
  /// takes the white space before it leaves that alone, and may have no text then; any other is found in white space
  /// that a token before it took, as in the reference.
  bool find(bool normalized, const uint8_t* text, size_t size, size_t* from, size_t kept_from, Found* found) const;

  /// From now on the special tokens among these ids are text like any other: they are not found. Replaces earlier ones.
  void take_literally(const uint32_t* ids, size_t n);

  /// Decoding without special tokens leaves out what is spelled like one.
  bool is_left_out(uint32_t id) const;
  /// The content, normalized where the token is sought in normalized text; {nullptr, 0} for an id that is no added
  /// token's.
  Bytes content(uint32_t id) const;
  uint32_t ids_end() const { return ids_end_; }

 private:
  struct Edge {
    uint32_t key;  // node << 8 | byte, + 1; 0 where empty
    uint32_t node;
  };
  struct Trie {
    Array<Edge> edges;
    Array<uint32_t> token_of;  // by node: index of the token that ends there, or kNone
    bool first[256] = {};
    int only_first = -1;  // the byte all tokens begin with, if there is one
    bool any = false;
  };
  struct Token {
    uint32_t id, flags, begin, size;  // content: content_[begin, begin + size)
    uint32_t place;                   // in the file
  };

  void read(Reader* in, Status* status);
  Status settle(uint32_t token, Normalizer* normalizer, const Trie& special);
  Status insert(Trie* trie, const uint8_t* s, size_t size, uint32_t token);
  static bool holds(const Trie& trie, const uint8_t* s, size_t size);
  static uint32_t step(const Trie& trie, uint32_t node, uint8_t byte);
  static void grow(Trie* trie);
  const Token* of_id(uint32_t id) const;

  Trie tries_[2];
  Array<Token> tokens_;     // by id
  Array<uint8_t> literal_;  // by token: not to be found; empty where all are
  Array<uint8_t> content_;
  uint32_t ids_end_ = 0;
};

}  // namespace wembed::text
