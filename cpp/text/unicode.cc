#include "text/unicode.h"

#include <algorithm>
#include <memory>

#include "text/unicode_columns.h"
#include "text/unicode_tables.h"

namespace wembed::text {
namespace {

// The classes in the order of tools/unicode/generate.py.
enum Class : uint16_t {
  kLetter = 1,
  kNumber = 2,
  kMark = 4,
  kSpace = 8,
  kWord = 16,
  kAccent = 32,
  kBertMark = 64,
  kBertPunctuation = 128,
  kBertControl = 256,
  kNumeric = 512,
  kHasLower = 1024,
  kDecomposes = 2048,
  kCompatible = 4096,
  kHasClass = 8192,
  kIsSecond = 16384,
  kExcluded = 32768,
};

constexpr uint32_t kEnd = 0x110000;
constexpr uint32_t kHangul = 0xAC00, kHangulEnd = 0xD7A4, kLead = 0x1100, kVowel = 0x1161, kTail = 0x11A7;

struct Composition {
  uint64_t pair;
  uint32_t composite;
};

/// The generated tables, unpacked when the first character beyond ASCII needs them: two-stage arrays of 256-blocks.
struct Tables {
  Array<uint16_t> block_of;         // (0x1100) which block of `classes`
  Array<uint8_t> classes;           // index into tables::kSets
  Array<uint32_t> combining_begin;  // runs of one combining class
  Array<uint8_t> combining;
  Mapping lower, canonical;
  Array<Composition> compositions;

  Tables() {
    read_classes();
    uint32_t cp = 0x80;
    for (Runs runs(tables::kClasses); runs.left > 0;) {
      combining_begin.push_back(cp);
      combining.push_back(*runs.value);
      cp += runs.next();
    }
    lower.read(tables::kLower, true);
    canonical.read(tables::kCanonical, false);
    for (uint32_t length = 2; length <= 4; length++) add_compositions(length);
  }

  // A composite is what the last part of its decomposition makes with what the parts before it make: shorter ones
  // first.
  void add_compositions(uint32_t length) {
    const size_t known = compositions.size();
    for (size_t i = 0; i < canonical.keys.size(); i++) {
      const uint32_t* parts = &canonical.targets[canonical.begins[i]];
      if (canonical.begins[i + 1] - canonical.begins[i] != length || (classes_of(canonical.keys[i]) & kExcluded))
        continue;
      uint32_t first = parts[0];
      for (uint32_t k = 1; k + 1 < length; k++) first = find_composition(known, first, parts[k]);
      compositions.push_back({pair(first, parts[length - 1]), canonical.keys[i]});
    }
    const auto before = [](const Composition& a, const Composition& b) { return a.pair < b.pair; };
    std::make_heap(compositions.begin(), compositions.end(), before);  // a fifth of std::sort's code
    std::sort_heap(compositions.begin(), compositions.end(), before);
  }

  static uint64_t pair(uint32_t first, uint32_t second) { return static_cast<uint64_t>(first) << 32 | second; }

  /// The composite of a pair among the first `n` compositions, or 0.
  uint32_t find_composition(size_t n, uint32_t first, uint32_t second) const {
    const auto end = compositions.begin() + static_cast<ptrdiff_t>(n);
    const auto at = std::lower_bound(compositions.begin(), end, pair(first, second),
                                     [](const Composition& c, uint64_t key) { return c.pair < key; });
    return at != end && at->pair == pair(first, second) ? at->composite : 0;
  }

  // Runs go to a block of 256 at a time; a block equal to the one before it is shared.
  void read_classes() {
    uint8_t block[256] = {};
    uint32_t cp = 0x80;
    for (Runs runs(tables::kRuns); runs.left > 0;) {
      const uint8_t value = *runs.value;
      for (uint32_t left = runs.next(); left > 0; left--) {
        block[cp & 255] = value;
        if ((++cp & 255) == 0) add_block(block);
      }
    }
  }

  void add_block(const uint8_t* block) {
    if (block_of.empty() || !std::equal(block, block + 256, classes.end() - 256)) classes.append(block, 256);
    block_of.push_back(static_cast<uint16_t>(classes.size() / 256 - 1));
  }

  uint32_t classes_of(uint32_t cp) const { return tables::kSets[classes[block_of[cp >> 8] << 8 | (cp & 255)]]; }
};

Mapping compatibility;

const Tables& unicode() {
  static const Tables* all = new Tables;
  return *all;
}

bool has(uint32_t cp, uint32_t which) { return cp < kEnd && (unicode().classes_of(cp) & which); }

uint8_t combining_class(uint32_t cp) {
  if (cp < 0x300 || !has(cp, kHasClass)) return 0;
  const Tables& t = unicode();
  const auto next = std::upper_bound(t.combining_begin.begin(), t.combining_begin.end(), cp);
  return t.combining[static_cast<size_t>(next - t.combining_begin.begin()) - 1];
}

constexpr uint32_t kCategoryShift = 16;

bool is_ascii_letter(uint32_t cp) { return (cp | 32) - 'a' < 26; }
bool is_ascii_digit(uint32_t cp) { return cp - '0' < 10; }

// While text is normalized, the bits above a code point count how many characters of the input went into it: 1 for the
// first of a decomposition, 0 for the others, their sum for a composite.
constexpr uint32_t kOne = 1u << 21;
uint32_t code_point(const CodePoint& c) { return c.cp & (kOne - 1); }
uint8_t class_of(const CodePoint& c) { return combining_class(code_point(c)); }

void decompose(uint32_t cp, bool compatible, Array<CodePoint>* out) {
  const auto put = [out, begin = out->size()](uint32_t part) {
    out->push_back({part | (out->size() == begin ? kOne : 0), 0});
  };
  if (cp >= kHangul && cp < kHangulEnd) {
    const uint32_t s = cp - kHangul, tail = s % 28;
    put(kLead + s / 588);
    put(kVowel + s % 588 / 28);
    if (tail) put(kTail + tail);
    return;
  }
  const Tables& t = unicode();
  const uint32_t classes = cp < kEnd ? t.classes_of(cp) : 0;
  const Mapping* mapping = compatible && (classes & kCompatible) ? &compatibility
                           : (classes & kDecomposes)             ? &t.canonical
                                                                 : nullptr;
  if (!mapping) return put(cp);
  uint32_t n;
  const uint32_t* targets = mapping->find(cp, &n);
  for (uint32_t i = 0; i < n; i++) put(targets[i]);
}

// A run may be the whole text, so long ones are sorted by counting; short ones, nearly all, by insertion.
void sort_marks(CodePoint* s, size_t n) {
  if (n <= 16) {
    for (size_t k = 1; k < n; k++)
      for (size_t j = k; j > 0 && class_of(s[j - 1]) > class_of(s[j]); j--) std::swap(s[j - 1], s[j]);
    return;
  }
  size_t place[257] = {};
  for (size_t k = 0; k < n; k++) place[class_of(s[k]) + 1]++;
  for (int c = 0; c < 256; c++) place[c + 1] += place[c];
  Array<CodePoint> unsorted;
  unsorted.assign(s, n);
  for (const CodePoint& c : unsorted) s[place[class_of(c)]++] = c;
}

// Each run of characters with a non-zero class is sorted by it, stably.
void order_marks(Array<CodePoint>* text) {
  CodePoint* s = text->data();
  const size_t n = text->size();
  for (size_t i = 0; i < n; i++) {
    const size_t begin = i;
    while (i < n && class_of(s[i]) != 0) i++;
    if (i - begin > 1) sort_marks(s + begin, i - begin);
  }
}

// Places go by position, as the reference's do: a character takes as many of the input as went into it, and has the
// first one's place; one that takes none has its predecessor's.
void place(const Array<CodePoint>& input, Array<CodePoint>* text) {
  size_t at = 0;
  for (CodePoint& c : *text) {
    const size_t taken = c.cp / kOne;
    c.source = input[taken || at == 0 ? at : at - 1].source;
    c.cp = code_point(c);
    at += taken;
  }
}

uint32_t compose_pair(uint32_t first, uint32_t second) {
  if (first - kLead < 19 && second - kVowel < 21) return kHangul + (first - kLead) * 588 + (second - kVowel) * 28;
  if (first - kHangul < kHangulEnd - kHangul && (first - kHangul) % 28 == 0 && second - kTail - 1 < 27)
    return first + second - kTail;
  if (second < 0x300 || !has(second, kIsSecond)) return 0;
  return unicode().find_composition(unicode().compositions.size(), first, second);
}

void compose(Array<CodePoint>* text) {
  CodePoint* s = text->data();
  const size_t n = text->size();
  size_t out = 0, starter = n;
  uint8_t last_class = 0;  // of what stands between the starter and here; 0: nothing does
  for (size_t i = 0; i < n; i++) {
    const uint8_t c = class_of(s[i]);
    const bool blocked = out > 0 && starter != n && starter + 1 < out && last_class >= c;
    const uint32_t composite = starter != n && !blocked ? compose_pair(code_point(s[starter]), code_point(s[i])) : 0;
    if (composite) {
      s[starter].cp = composite | ((s[starter].cp & ~(kOne - 1)) + (s[i].cp & ~(kOne - 1)));
      continue;
    }
    if (c == 0) starter = out;
    last_class = c;
    s[out++] = s[i];
  }
  text->resize(out);
}

}  // namespace

bool provide_compatibility(const uint8_t* table, size_t size) {
  uint32_t hash = 0x811c9dc5;
  for (size_t i = 0; i < size; i++) hash = (hash ^ table[i]) * 0x01000193;
  if (size != tables::kCompatibleSize || hash != tables::kCompatibleHash) return false;
  if (compatibility.keys.empty()) compatibility.read(table, false);
  return true;
}

uint32_t code_point_before(const uint8_t* text, size_t at, size_t* begin) {
  size_t i = at - 1;
  while (i > 0 && at - i < 4 && (text[i] & 0xC0) == 0x80) i--;
  uint32_t length;
  *begin = i;
  return decode_utf8(text + i, text + at, &length);
}

bool is_surely_nfc(const uint8_t* text, size_t size) {
  uint32_t length;
  for (size_t i = 0; i < size; i += length) {
    length = 1;
    if (text[i] < 0xCC) {  // up to U+02FF: nothing that joins what is before it
      length = utf8_length(text[i]);
      continue;
    }
    const uint32_t cp = decode_utf8(text + i, text + size, &length);
    if (cp - kLead < 0x100 || has(cp, kDecomposes | kHasClass | kIsSecond)) return false;
  }
  return true;
}

bool is_letter(uint32_t cp) { return cp < 0x80 ? is_ascii_letter(cp) : has(cp, kLetter); }
bool is_number(uint32_t cp) { return cp < 0x80 ? is_ascii_digit(cp) : has(cp, kNumber); }
bool is_numeric(uint32_t cp) { return cp < 0x80 ? is_ascii_digit(cp) : has(cp, kNumeric); }
bool is_mark(uint32_t cp) { return cp >= 0x300 && has(cp, kMark); }
bool is_whitespace(uint32_t cp) { return cp < 0x80 ? cp == ' ' || cp - 9 < 5 : has(cp, kSpace); }
bool is_word(uint32_t cp) {
  return cp < 0x80 ? is_ascii_letter(cp) || is_ascii_digit(cp) || cp == '_' : has(cp, kWord);
}
bool is_accent(uint32_t cp) { return cp >= 0x300 && has(cp, kAccent); }
bool is_bert_mark(uint32_t cp) { return cp >= 0x300 && has(cp, kBertMark); }

const ClassTable& class_table() {
  static const ClassTable table{unicode().block_of.data(), unicode().classes.data(),
                                sizeof(tables::kSets) / sizeof(tables::kSets[0])};
  return table;
}

ClassMeaning meaning_of_class(uint8_t number) {
  const uint32_t set = tables::kSets[number];
  return {(set & kLetter) != 0, (set & kNumber) != 0, (set & kMark) != 0, (set & kSpace) != 0,
          static_cast<Category>(set >> kCategoryShift)};
}

Category category(uint32_t cp) {
  if (cp >= 0x80) return cp < kEnd ? static_cast<Category>(unicode().classes_of(cp) >> kCategoryShift) : Category::cn;
  if (cp < 32 || cp == 127) return Category::cc;
  if (is_ascii_digit(cp)) return Category::nd;
  if (is_ascii_letter(cp)) return cp < 'a' ? Category::lu : Category::ll;
  // What is left of ASCII, in order: space, then ! to /, : to @, [ to `, { to ~.
  static constexpr Category kOthers[] = {
      Category::zs, Category::po, Category::po, Category::po, Category::sc, Category::po, Category::po,
      Category::po, Category::ps, Category::pe, Category::po, Category::sm, Category::po, Category::pd,
      Category::po, Category::po, Category::po, Category::po, Category::sm, Category::sm, Category::sm,
      Category::po, Category::po, Category::ps, Category::po, Category::pe, Category::sk, Category::pc,
      Category::sk, Category::ps, Category::sm, Category::pe, Category::sm};
  return kOthers[cp < '0' ? cp - 32 : cp < 'A' ? cp - 42 : cp < 'a' ? cp - 68 : cp - 94];
}

bool is_han(uint32_t cp) {
  static const Array<uint32_t>* const ends = [] {
    auto* all = new Array<uint32_t>;
    uint32_t end = 0;
    for (const uint8_t* p = tables::kHan; p < tables::kHan + sizeof(tables::kHan);) all->push_back(end += varint(&p));
    return all;
  }();
  return (std::upper_bound(ends->begin(), ends->end(), cp) - ends->begin()) & 1;
}

bool is_bert_control(uint32_t cp) {
  if (cp < 0x80) return (cp < 32 && cp != '\t' && cp != '\n' && cp != '\r') || cp == 127;
  return has(cp, kBertControl);
}

bool is_bert_punctuation(uint32_t cp) {
  if (cp < 0x80) return cp - 33 < 94 && !is_ascii_letter(cp) && !is_ascii_digit(cp);
  return has(cp, kBertPunctuation);
}

bool is_bert_chinese(uint32_t cp) {
  if (cp < 0x3400) return false;
  return cp - 0x4E00 < 0x5200 || cp - 0x3400 < 0x19C0 || cp - 0x20000 < 0xA6E0 || cp - 0x2A700 < 0x1040 ||
         cp - 0x2B740 < 0xE0 || cp - 0x2B920 < 0x1590 || cp - 0xF900 < 0x200 || cp - 0x2F800 < 0x220;
}

uint32_t to_lower(uint32_t cp, uint32_t out[3]) {
  out[0] = cp;
  if (cp < 0x80) {
    if (cp - 'A' < 26) out[0] = cp + 32;
    return 1;
  }
  if (!has(cp, kHasLower)) return 1;
  uint32_t n;
  const uint32_t* targets = unicode().lower.find(cp, &n);
  for (uint32_t i = 0; i < n; i++) out[i] = targets[i];
  return n;
}

void normalize(Form form, Array<CodePoint>* text, Array<CodePoint>* scratch) {
  if (std::all_of(text->begin(), text->end(), [](const CodePoint& c) { return c.cp < 0x80; })) return;
  const bool compatible = form == Form::nfkd || form == Form::nfkc;
  scratch->clear();
  for (const CodePoint& c : *text) decompose(c.cp, compatible, scratch);
  order_marks(scratch);
  if (form == Form::nfc || form == Form::nfkc) compose(scratch);
  place(*text, scratch);
  text->swap(*scratch);
}

}  // namespace wembed::text
