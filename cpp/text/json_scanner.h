#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "text/unicode.h"
#include "text/vocab.h"

namespace wembed::text {

/// Goes through JSON from front to back. After the first surprise `ok` is false, and everything reads as nothing.
struct JsonScanner {
  const uint8_t* p;
  const uint8_t* end;
  bool ok = true;
  const uint8_t* start = p;

  uint8_t peek() {
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r')) p++;
    return p < end ? *p : 0;
  }
  bool take(uint8_t wanted) {
    if (peek() != wanted) return false;
    p++;
    return true;
  }
  void expect(uint8_t wanted) { ok = take(wanted) && ok; }
  bool fail() {
    p = end;
    return ok = false;
  }

  /// Passes a string's content and its closing quote.
  void skip_string() {
    for (; p < end; p++) {
      if (*p == '\\')
        p++;
      else if (*p == '"')
        return static_cast<void>(p++);
    }
    fail();
  }

  /// Passes a key and its colon: the key as it is spelled, nothing where it is not whole.
  Bytes key() {
    expect('"');
    const uint8_t* name = p;
    skip_string();
    const size_t size = ok ? static_cast<size_t>(p - name) - 1 : 0;
    expect(':');
    return {name, size};
  }

  /// Passes a value: what is in it is left to who parses it.
  void skip_value() {
    uint32_t depth = 0;
    while (ok) {
      const uint8_t c = peek();
      if (c == '"') {
        p++;
        skip_string();
      } else if (c == '{' || c == '[') {
        p++;
        depth++;
        continue;
      } else if (depth && (c == '}' || c == ']')) {
        p++;
        depth--;
      } else if (depth && (c == ',' || c == ':')) {
        p++;
        continue;
      } else if (c > ' ' && c != ',' && c != '}' && c != ']') {
        while (p<end&& * p> ' ' && *p != ',' && *p != '}' && *p != ']' && *p != ':' && *p != '"') p++;
      } else {
        return static_cast<void>(fail());
      }
      if (depth == 0) return;
    }
  }

  /// Passes an object; `use` is called at the value of each key, as it is spelled, and passes that. (No template: this
  /// is what every page loads.)
  void object(void (*use)(JsonScanner* in, Bytes key, void* context), void* context) {
    expect('{');
    for (bool more = ok && peek() != '}'; more; more = ok && take(',')) {
      expect('"');
      const uint8_t* name = p;
      skip_string();
      const Bytes key{name, ok ? static_cast<size_t>(p - name) - 1 : 0};
      expect(':');
      peek();
      // A key may be spelled with escapes: who parses the whole file knows it then.
      if (key.size && std::memchr(key.data, '\\', key.size)) fail();
      use(this, key, context);
    }
    expect('}');
  }

  uint32_t hex4() {
    uint32_t value = 0;
    if (end - p < 4) return fail();
    for (int i = 0; i < 4; i++, p++) {
      const uint8_t c = *p, lower = c | 32;
      if (c >= '0' && c <= '9')
        value = value << 4 | (c - '0');
      else if (lower >= 'a' && lower <= 'f')
        value = value << 4 | (lower - 'a' + 10);
      else
        return fail();
    }
    return value;
  }

  /// Writes what an escape stands for; p is after the backslash.
  uint8_t* unescape(uint8_t* out) {
    static constexpr char kNames[] = "\"\\/bfnrt", kValues[] = "\"\\/\b\f\n\r\t";
    if (p == end) return fail(), out;
    const uint8_t c = *p++;
    if (c != 'u') {
      const char* at = c ? std::strchr(kNames, c) : nullptr;
      if (!at) return fail(), out;
      *out = static_cast<uint8_t>(kValues[at - kNames]);
      return out + 1;
    }
    uint32_t cp = hex4();
    if (cp >= 0xD800 && cp < 0xE000) {
      if (cp >= 0xDC00 || end - p < 6 || p[0] != '\\' || p[1] != 'u') return fail(), out;
      p += 2;
      const uint32_t low = hex4();
      if (low < 0xDC00 || low >= 0xE000) return fail(), out;
      cp = 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
    }
    return out + encode_utf8(cp, out);
  }

  /// Writes a string's content; p is after its opening quote.
  uint8_t* string(uint8_t* out) {
    while (p < end) {
      const uint8_t c = *p;
      if (c == '"') return p++, out;
      if (c == '\\') {
        p++;
        out = unescape(out);
      } else if (c >= 0x80) {
        uint32_t length;
        if (decode_utf8(p, end, &length) == 0xFFFD && length == 1) return fail(), out;
        for (; length; length--) *out++ = *p++;
      } else if (c >= ' ') {
        *out++ = *p++;
      } else {
        break;
      }
    }
    return fail(), out;
  }

  uint32_t number() {
    peek();
    const uint8_t* begin = p;
    uint32_t value = 0;
    for (; p < end && *p >= '0' && *p <= '9' && p - begin < 9; p++) value = value * 10 + (*p - '0');
    const ptrdiff_t digits = p - begin;
    if (digits == 0 || digits > 8 || (digits > 1 && *begin == '0')) return fail();
    return value;
  }
};

inline bool is_key(Bytes key, const char* name) {
  return key.size == std::strlen(name) && std::memcmp(key.data, name, key.size) == 0;
}

}  // namespace wembed::text
