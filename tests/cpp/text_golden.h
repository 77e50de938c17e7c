#pragma once
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "text/bpe.h"
#include "text/vocab.h"

/// Reads tests/golden/tokenizer_models/, whose format tools/golden/tokenizer_models.py describes.
namespace golden {

inline std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline const uint8_t* bytes(const std::string& s) { return reinterpret_cast<const uint8_t*>(s.data()); }

/// FNV-1a over u32s.
struct Fnv {
  uint32_t h = 0x811C9DC5;
  void add(uint32_t value) {
    for (int i = 0; i < 4; ++i) h = (h ^ (value >> 8 * i & 0xFF)) * 0x01000193;
  }
};

/// Takes values off the front of a file.
class Reader {
 public:
  explicit Reader(const std::string& name) : data_(read("tests/golden/tokenizer_models/" + name)) {}
  bool done() const { return at_ >= data_.size(); }
  template <class T>
  T take() {
    T value{};
    if (at_ + sizeof(T) <= data_.size()) std::memcpy(&value, data_.data() + at_, sizeof(T));
    at_ += sizeof(T);
    return value;
  }
  std::string take_string() {
    const uint32_t size = take<uint32_t>();
    at_ += size;
    return data_.substr(at_ - size, size);
  }

 private:
  std::string data_;
  size_t at_ = 0;
};

inline std::vector<std::string> read_texts() {
  Reader reader("texts.bin");
  std::vector<std::string> texts(reader.take<uint32_t>());
  for (std::string& text : texts) text = reader.take_string();
  return texts;
}

inline std::vector<uint32_t> read_hashes(const std::string& name) {
  Reader reader(name + ".hashes");
  std::vector<uint32_t> hashes;
  while (!reader.done()) hashes.push_back(reader.take<uint32_t>());
  return hashes;
}

struct Model {
  wembed::text::Vocab vocab;
  std::vector<wembed::text::Merge> merges;
  std::vector<double> scores;
};

inline wembed::Status build_vocab(const std::vector<std::string>& pieces, wembed::text::Vocab* vocab) {
  std::string all;
  std::vector<uint32_t> offsets{0};
  for (const std::string& piece : pieces) {
    all += piece;
    offsets.push_back(uint32_t(all.size()));
  }
  return vocab->build(bytes(all), offsets.data(), uint32_t(pieces.size()));
}

inline bool read_model(const std::string& name, Model* model) {
  Reader reader(name + ".bin");
  std::vector<std::string> pieces(reader.take<uint32_t>());
  for (std::string& piece : pieces) piece = reader.take_string();
  model->merges.resize(reader.take<uint32_t>());
  for (wembed::text::Merge& merge : model->merges) merge = reader.take<wembed::text::Merge>();
  model->scores.resize(reader.take<uint32_t>());
  for (double& score : model->scores) score = reader.take<double>();
  return build_vocab(pieces, &model->vocab).ok();
}

/// Spaces as Metaspace has them.
inline std::string metaspace(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == ' ' ? std::string("▁") : std::string(1, c);
  return out;
}

}  // namespace golden
