#include "text/added_tokens.h"

#include <algorithm>
#include <cstring>

#include "text/find_byte.h"

namespace wembed::text {
namespace {

constexpr uint32_t kNone = Vocab::kNone;
constexpr uint32_t kMaxNodes = 1u << 24;
/// A search takes the length of the text times that of the longest token, at worst: so that one has a bound.
constexpr size_t kLongest = 512;

uint32_t slot_of(uint32_t key, size_t slots) { return key * 0x9E3779B1u >> 8 & static_cast<uint32_t>(slots - 1); }

bool word_before(const uint8_t* text, size_t at) {
  size_t begin;
  return at > 0 && is_word(code_point_before(text, at, &begin));
}

bool word_after(const uint8_t* text, size_t at, size_t size) {
  uint32_t length;
  return at < size && is_word(decode_utf8(text + at, text + size, &length));
}

}  // namespace

Status AddedTokens::build(Reader* in, Normalizer* normalizer) {
  Status status;
  read(in, &status);
  Trie special;
  for (uint32_t i = 0; i < tokens_.size() && status.ok(); i++) {
    const Token& token = tokens_[i];
    if (token.flags & kSpecial) status = insert(&special, content_.data() + token.begin, token.size, i);
  }
  for (uint32_t i = 0; i < tokens_.size() && status.ok(); i++) status = settle(i, normalizer, special);
  return status;
}

void AddedTokens::read(Reader* in, Status* status) {
  const uint32_t n = in->u32();
  for (uint32_t i = 0; i < n && in->ok(); i++) {
    const uint32_t id = in->u32(), flags = in->u32();
    const Bytes content = in->bytes();
    if (!in->ok()) break;
    if (id >= kMaxNodes) {
      *status = {Code::bad_file, "added token id out of range", double(id), double(kMaxNodes), double(i)};
      return;
    }
    if (content.size == 0) continue;  // the reference never adds these either
    tokens_.push_back({id, flags, static_cast<uint32_t>(content_.size()), static_cast<uint32_t>(content.size), i});
    content_.append(content.data, content.size);
    ids_end_ = std::max(ids_end_, id + 1);
  }
  // A heap sort is a fifth of std::sort's code.
  const auto before = [](const Token& a, const Token& b) { return a.id != b.id ? a.id < b.id : a.place < b.place; };
  std::make_heap(tokens_.begin(), tokens_.end(), before);
  std::sort_heap(tokens_.begin(), tokens_.end(), before);
}

/// How a token is spelled where it is sought and when it is decoded, and whether it is then left out.
/// @param special  what the file calls special tokens, as it spells them
Status AddedTokens::settle(uint32_t index, Normalizer* normalizer, const Trie& special) {
  Token* token = &tokens_[index];
  const bool normalized = token->flags & kNormalized;
  if (normalized && !normalizer->takes_pieces()) {
    const uint8_t* s = content_.data() + token->begin;
    Array<CodePoint> code_points;
    uint32_t length;
    for (size_t k = 0; k < token->size; k += length)
      code_points.push_back({decode_utf8(s + k, s + token->size, &length), 0});
    if (!normalizer->apply(true, true, &code_points))
      return {Code::unsupported, "a pattern takes too many steps on an added token", double(token->size)};
    token->begin = static_cast<uint32_t>(content_.size());
    uint8_t* end = content_.extend(code_points.size() * 4);
    for (const CodePoint& c : code_points) end += encode_utf8(c.cp, end);
    content_.resize(static_cast<size_t>(end - content_.data()));
    token->size = static_cast<uint32_t>(content_.size() - token->begin);
  }
  const uint8_t* s = content_.data() + token->begin;
  if (token->size == 0)
    return {Code::unsupported, "an added token of which its normalizer leaves nothing", double(token->id)};
  if (token->size > kLongest)
    return {Code::unsupported, "an added token of more bytes than are covered", double(token->size), double(kLongest)};
  if (holds(special, s, token->size)) token->flags |= kLeftOut;
  return insert(&tries_[normalized], s, token->size, index);
}

Status AddedTokens::insert(Trie* trie, const uint8_t* s, size_t size, uint32_t token) {
  if (!trie->any) {
    trie->token_of.assign(1, kNone);
    trie->only_first = s[0];
    trie->any = true;
  }
  if (trie->only_first != s[0]) trie->only_first = -1;
  trie->first[s[0]] = true;
  uint32_t node = 0;
  for (size_t i = 0; i < size; i++) {
    uint32_t next = step(*trie, node, s[i]);
    if (next == kNone) {
      next = static_cast<uint32_t>(trie->token_of.size());
      if (next >= kMaxNodes - 1)
        return {Code::unsupported, "added tokens too long in all", double(next), double(kMaxNodes)};
      trie->token_of.push_back(kNone);
      if (trie->edges.size() < 2 * trie->token_of.size()) grow(trie);
      const uint32_t key = (node << 8 | s[i]) + 1;
      uint32_t at = slot_of(key, trie->edges.size());
      while (trie->edges[at].key) at = (at + 1) & static_cast<uint32_t>(trie->edges.size() - 1);
      trie->edges[at] = {key, next};
    }
    node = next;
  }
  uint32_t* at = &trie->token_of[node];
  if (*at == kNone || tokens_[token].place < tokens_[*at].place) *at = token;  // the file's first one of a spelling
  return {};
}

void AddedTokens::grow(Trie* trie) {
  Array<Edge> old(std::max<size_t>(64, trie->edges.size() * 2));
  old.swap(trie->edges);
  for (const Edge& edge : old) {
    if (!edge.key) continue;
    uint32_t at = slot_of(edge.key, trie->edges.size());
    while (trie->edges[at].key) at = (at + 1) & static_cast<uint32_t>(trie->edges.size() - 1);
    trie->edges[at] = edge;
  }
}

bool AddedTokens::holds(const Trie& trie, const uint8_t* s, size_t size) {
  uint32_t node = 0;
  for (size_t i = 0; i < size && node != kNone; i++) node = step(trie, node, s[i]);
  return trie.any && node != kNone && trie.token_of[node] != kNone;
}

uint32_t AddedTokens::step(const Trie& trie, uint32_t node, uint8_t byte) {
  if (trie.edges.empty()) return kNone;
  const uint32_t key = (node << 8 | byte) + 1, mask = static_cast<uint32_t>(trie.edges.size() - 1);
  for (uint32_t at = slot_of(key, trie.edges.size()); trie.edges[at].key; at = (at + 1) & mask)
    if (trie.edges[at].key == key) return trie.edges[at].node;
  return kNone;
}

bool AddedTokens::find(bool normalized, const uint8_t* text, size_t size, size_t* from, size_t kept_from,
                       Found* found) const {
  const Trie& trie = tries_[normalized];
  if (!trie.any) return false;
  for (size_t i = *from; i < size; i++) {
    if (trie.only_first >= 0) {
      i = kFindByte(text, i, size, static_cast<uint8_t>(trie.only_first));
      if (i == size) break;
    } else if (!trie.first[text[i]]) {
      continue;
    }
    uint32_t node = 0, best = kNone;
    size_t end = i;
    for (size_t k = i; k < size && (node = step(trie, node, text[k])) != kNone; k++) {
      if (trie.token_of[node] == kNone || (!literal_.empty() && literal_[trie.token_of[node]])) continue;
      best = trie.token_of[node];
      end = k + 1;
    }
    if (best == kNone) continue;
    *from = end;
    const Token& token = tokens_[best];
    if ((token.flags & kSingleWord) && (word_before(text, i) || word_after(text, end, size))) {
      i = end - 1;
      continue;
    }
    size_t begin = i, before;
    if (token.flags & kLeftStrip) {
      while (begin > 0 && is_whitespace(code_point_before(text, begin, &before))) begin = before;
      begin = std::max(begin, kept_from);
    }
    uint32_t length;
    while ((token.flags & kRightStrip) && end < size && is_whitespace(decode_utf8(text + end, text + size, &length)))
      end += length;
    *found = {token.id, std::min(begin, end), end};
    return true;
  }
  *from = size;
  return false;
}

const AddedTokens::Token* AddedTokens::of_id(uint32_t id) const {
  const auto at = std::lower_bound(tokens_.begin(), tokens_.end(), id,
                                   [](const Token& token, uint32_t wanted) { return token.id < wanted; });
  return at != tokens_.end() && at->id == id ? &*at : nullptr;
}

void AddedTokens::take_literally(const uint32_t* ids, size_t n) {
  literal_.clear();
  if (n) literal_.assign(tokens_.size(), 0);
  for (size_t i = 0; i < n; i++) {
    const Token* token = of_id(ids[i]);
    for (; token && token != tokens_.end() && token->id == ids[i]; token++)
      literal_[static_cast<size_t>(token - tokens_.begin())] = (token->flags & kSpecial) != 0;
  }
}

bool AddedTokens::is_left_out(uint32_t id) const {
  const Token* token = of_id(id);
  return token && (token->flags & kLeftOut);
}

Bytes AddedTokens::content(uint32_t id) const {
  const Token* token = of_id(id);
  return token ? Bytes{content_.data() + token->begin, token->size} : Bytes{};
}

}  // namespace wembed::text
