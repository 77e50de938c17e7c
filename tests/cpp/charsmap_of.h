#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace golden {

/// A darts-clone trie in which every node has a block of its own, as a precompiled_charsmap holds it.
inline std::vector<uint8_t> charsmap(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::vector<uint32_t> units(256), block = {0};  // the root's block begins at 0 and holds its own unit
  std::string texts;
  const auto new_block = [&] {
    units.resize(units.size() + 256);
    return static_cast<uint32_t>(units.size() - 256);
  };
  const uint32_t root = new_block();
  units[0] = root << 10;
  for (const auto& [key, text] : entries) {
    uint32_t base = root;
    for (size_t i = 0; i < key.size(); i++) {
      const uint32_t label = static_cast<uint8_t>(key[i]), at = base ^ label;
      if (!units[at]) {
        const uint32_t next = new_block();
        units[at] = label | (at ^ next) << 10;
      }
      base = at ^ (units[at] >> 10);
      if (i + 1 < key.size()) continue;
      units[at] |= 0x100;
      units[base] = 0x80000000 | static_cast<uint32_t>(texts.size());
      texts += text + '\0';
    }
  }
  std::vector<uint8_t> out(4 + units.size() * 4 + texts.size());
  const uint32_t size = static_cast<uint32_t>(units.size() * 4);
  std::memcpy(out.data(), &size, 4);
  std::memcpy(out.data() + 4, units.data(), size);
  std::memcpy(out.data() + 4 + size, texts.data(), texts.size());
  return out;
}

}  // namespace golden
