"""Writes cpp/text/unicode_tables.h: character classes, case and normalisation as HF `tokenizers` has them.

The Rust reference takes its Unicode data from several crates of different ages (Oniguruma for \\p{..}, the standard
library for case and white space, unicode_categories for BERT's punctuation and marks, unicode-normalization for
NF*). So each property is asked from the reference itself, code point by code point, and the Unicode version each one
answers with is worked out and recorded in the header. Needs only the `tokenizers` package:

    python tools/unicode/generate.py > cpp/text/unicode_tables.h

and web/tokenizer/compatibility.js, graphemes.js and scripts.js beside it.
"""
import base64
import struct
import sys

import tokenizers
from tokenizers import Regex, normalizers as N, pre_tokenizers as P

ALL = [c for c in range(0x80, 0x110000) if not 0xD800 <= c < 0xE000]
HANGUL = range(0xAC00, 0xD7A4)

# One bit per class; unicode.cc uses the same order.
LETTER, NUMBER, MARK, SPACE, WORD, ACCENT, BERT_MARK, BERT_PUNCT, BERT_CONTROL, NUMERIC, LOWER, DECOMPOSES, \
    COMPAT, CCC, SECOND, EXCLUDED = (1 << i for i in range(16))

# General categories as unicode.h numbers them; above the class bits. What is in none is unassigned: 0.
CATEGORIES = "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co".split()
CATEGORY_SHIFT = 16


def removed_by(normalizer):
    return {c for c in ALL if normalizer.normalize_str(chr(c)) == ""}


def regex_class(pattern):
    return removed_by(N.Replace(Regex(pattern), ""))


def pieces(pre_tokenizer, count):
    return {c for c in ALL if len(pre_tokenizer.pre_tokenize_str("a" + chr(c) + "a")) == count}


def mapping(normalizer):
    out = {}
    for c in ALL:
        s = normalizer.normalize_str(chr(c))
        if s != chr(c):
            out[c] = [ord(x) for x in s]
    return out


def combining_classes(nfd):
    """ccc(c) is found by which known marks c moves behind: the order of two marks swaps iff the first is greater."""
    import unicodedata
    ladder = {}
    for c in ALL:
        k = unicodedata.combining(chr(c))
        if k and nfd.normalize_str(chr(c)) == chr(c) and nfd.normalize_str(chr(c) + "\u0334") == (
                "\u0334" + chr(c) if k > 1 else chr(c) + "\u0334"):
            ladder.setdefault(k, chr(c))
    rungs = sorted(ladder)
    out = {}
    for c in ALL:
        s = chr(c)
        if c in HANGUL or nfd.normalize_str(s) != s:
            continue
        above = [k for k in rungs if nfd.normalize_str(s + ladder[k]) != s + ladder[k]]
        below = [k for k in rungs if nfd.normalize_str(ladder[k] + s) != ladder[k] + s]
        same = [k for k in rungs if k not in above and k not in below]
        if above or below:
            assert len(same) == 1, (hex(c), same)
            out[c] = same[0]
    return out


def compositions(nfc, canonical):
    out = []
    for c, parts in canonical.items():
        if len(parts) < 2:
            continue
        first = nfc.normalize_str("".join(map(chr, parts[:-1])))
        if len(first) == 1 and nfc.normalize_str(first + chr(parts[-1])) == chr(c):
            out.append((ord(first), parts[-1], c))
    return sorted(out)


def folded(canonical, composed):
    """The composites as unicode.cc finds them: a decomposition's last part joins what the others compose to."""
    kept = {c for _, _, c in composed}
    table = {}
    for c, parts in sorted(canonical.items(), key=lambda item: len(item[1])):
        if c in kept:
            first = parts[0]
            for part in parts[1:-1]:
                first = table[first, part]
            table[first, parts[-1]] = c
    return sorted((a, b, c) for (a, b), c in table.items())


def varint(n):
    out = []
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    return out + [n]


def zigzag(n):
    return varint(n << 1 if n >= 0 else (-n << 1) - 1)


def runs(value_of):
    """(length, value) for 0x80 .. 0x10FFFF"""
    out = []
    for c in range(0x80, 0x110000):
        v = value_of.get(c, 0)
        if out and out[-1][1] == v:
            out[-1][0] += 1
        else:
            out.append([1, v])
    return out


def emit(name, data, comment):
    print(f"\n/// {comment}")
    print(f"inline constexpr uint8_t {name}[{len(data)}] = {{")
    for i in range(0, len(data), 32):
        print("    " + ",".join(map(str, data[i:i + 32])) + ",")
    print("};")


def mapping_bytes(table, to_self=False):
    """Columns, since like compresses best beside like: per entry its code point − the last entry's, with the number of
    targets; first targets, each less the last entry's, or less its own code point (zigzag); further targets as they
    are. Before them the first two columns' lengths."""
    heads, firsts, others, last, base = [], [], [], 0x80, 0
    for c, parts in sorted(table.items()):
        heads += varint((c - last) << 2 | min(len(parts), 4) - 1) if len(parts) < 4 else \
            varint((c - last) << 2 | 3) + varint(len(parts) - 4)
        firsts += zigzag(parts[0] - (c if to_self else base))
        for part in parts[1:]:
            others += varint(part)
        last, base = c, parts[0]
    return varint(len(heads)) + varint(len(firsts)) + heads + firsts + others


def run_bytes(values):
    """Two columns: the runs' values, a byte each, and their lengths; before them the number of runs."""
    all_runs = runs(values)
    return varint(len(all_runs)) + [v for _, v in all_runs] + [b for n, _ in all_runs for b in varint(n)]


def emit_mapping(name, table, comment, to_self=False):
    emit(name, mapping_bytes(table, to_self), comment)


def fnv(data):
    value = 0x811C9DC5
    for byte in data:
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def write_compatibility(table):
    text = base64.b64encode(table).decode()
    lines = [f"  '{text[i:i + 116]}'" for i in range(0, len(text), 116)]
    with open("web/tokenizer/compatibility.js", "w") as file:
        file.write(f"""// Written by tools/unicode/generate.py; do not edit. The decompositions that NFKC and NFKD have beyond NFC's and NFD's, as
// cpp/text/unicode.cc reads them: one tokenizer in many needs them, so they load apart from the core.
const TABLE =
""" + " +\n".join(lines) + """;

/** @returns {Uint8Array} */
export const compatibilityTable = () => Uint8Array.from(atob(TABLE), (character) => character.charCodeAt(0));
""")


def all_one():
    """A character map that makes one x of any lookup: how many come back tells how a text is looked up. (darts-clone)"""
    units = [0] * 1024
    units[0] = 256 << 10
    for byte in range(1, 256):
        at = 256 ^ byte
        units[at] = byte | 1 << 8 | (at ^ 512) << 10
    units[512] = 1 << 31
    trie = struct.pack("<1024I", *units)
    return N.Precompiled(struct.pack("<I", len(trie)) + trie + b"x\0")


def write_graphemes():
    """Precompiled looks whole graphemes up, if they have fewer than six bytes: what joins one, and what none can join."""
    look_up = all_one().normalize_str
    joins = ranges({c for c in ALL if look_up("a" + chr(c)) == "x"})
    alone = ranges({c for c in [*range(1, 0x80), *ALL] if c < 0x10000 and look_up(chr(c) + "\u0301") != "x"})
    text = base64.b64encode("".join(map(chr, joins + alone)).encode()).decode()
    lines = [f"  '{text[i:i + 116]}'" for i in range(0, len(text), 116)]
    with open("web/tokenizer/graphemes.js", "w") as file:
        file.write(f"""// Written by tools/unicode/generate.py; do not edit. The code points that join the character before them in one grapheme,
// then those that nothing joins: where each run begins and where it has ended, in UTF-8.
const RANGES =
""" + " +\n".join(lines) + f""";

/** @returns {{{{ joins: number, ranges: Uint8Array }}}} `joins`: how many of the ranges' ends are of the first kind */
export const graphemeRanges = () => ({{
  joins: {len(joins)},
  ranges: Uint8Array.from(atob(RANGES), (character) => character.charCodeAt(0)),
}});
""")


def ranges(members):
    ends = []
    for c in sorted(members):
        if ends and ends[-1] == c:
            ends[-1] = c + 1
        else:
            ends += [c, c + 1]
    assert not any(0xD800 <= end < 0xE000 for end in ends)
    return ends


def write_scripts():
    """UnicodeScripts: which characters stay together. Of no script is what stays with a letter and with a digit."""
    together = lambda a, b: len(P.UnicodeScripts().pre_tokenize_str(chr(a) + chr(b))) == 1
    everyone, known, runs = [*range(0xD800), *range(0xE000, 0x110000)], [], []
    for c in everyone:
        if together(ord("a"), c) and together(ord("1"), c):
            script = 0
        else:
            script = next((i for i, each in enumerate(known) if together(each, c)), len(known))
            if script == len(known):
                known.append(c)
            script += 1
        if not runs or runs[-1][1] != script:
            runs.append((c, script))
    text = base64.b64encode("".join(map(chr, sum(runs, ()))).encode()).decode()
    lines = [f"  '{text[i:i + 116]}'" for i in range(0, len(text), 116)]
    with open("web/tokenizer/scripts.js", "w") as file:
        file.write("""// Written by tools/unicode/generate.py; do not edit. The scripts as UnicodeScripts has them: where a run of characters of one
// script begins, and the script's number, 0 where it is of none; both as characters.
const RUNS =
""" + " +\n".join(lines) + """;

/** @returns {string} as cpp/text/script_runs.h reads it */
export const scriptRuns = () =>
  new TextDecoder().decode(Uint8Array.from(atob(RUNS), (character) => character.charCodeAt(0)));
""")


def emit_han():
    data, last = [], 0
    for end in ranges(regex_class(r"\p{Han}")):
        data += varint(end - last)
        last = end
    emit("kHan", data, "\\p{Han}: where each run begins and where it has ended, each less the one before (varint).")


def main():
    write_graphemes()
    write_scripts()
    nfd, nfkd, nfc, nfkc = N.NFD(), N.NFKD(), N.NFC(), N.NFKC()
    canonical = {c: m for c, m in mapping(nfd).items() if c not in HANGUL}
    compat = {c: m for c, m in mapping(nfkd).items() if c not in HANGUL and m != canonical.get(c)}
    ccc = combining_classes(nfd)
    composed = compositions(nfc, canonical)
    lower = mapping(N.Lowercase())
    bert = dict(handle_chinese_chars=False, lowercase=False)
    marks = {c for c in removed_by(N.BertNormalizer(clean_text=False, strip_accents=True, **bert))}
    control = removed_by(N.BertNormalizer(clean_text=True, strip_accents=False, **bert))
    whitespace = P.Whitespace()
    word = {c for c in ALL if [p[0] for p in whitespace.pre_tokenize_str("a" + chr(c) + "a")] == ["a" + chr(c) + "a"]}
    bits = {}
    for bit, members in (
            (LETTER, regex_class(r"\p{L}")), (NUMBER, regex_class(r"\p{N}")), (MARK, regex_class(r"\p{M}")),
            (SPACE, regex_class(r"\s")), (WORD, word), (ACCENT, removed_by(N.StripAccents())), (BERT_MARK, marks),
            (BERT_PUNCT, pieces(P.BertPreTokenizer(), 3)), (BERT_CONTROL, control),
            (NUMERIC, pieces(P.Digits(individual_digits=True), 3)), (LOWER, lower), (DECOMPOSES, canonical),
            (COMPAT, compat), (CCC, ccc), (SECOND, {b for _, b, _ in composed}),
            (EXCLUDED, {c for c, m in canonical.items() if len(m) > 1} - {c for _, _, c in composed})):
        for c in members:
            bits[c] = bits.get(c, 0) | bit
    for i, category in enumerate(CATEGORIES):
        for c in regex_class(r"\p{%s}" % category):
            assert bits.get(c, 0) >> CATEGORY_SHIFT == 0
            bits[c] = bits.get(c, 0) | (i + 1) << CATEGORY_SHIFT
    sets = sorted(set(bits.values()) | {0})
    assert len(sets) <= 256
    print("#pragma once")
    print(f"// Written by tools/unicode/generate.py from tokenizers {tokenizers.__version__}; do not edit.")
    print("// Unicode versions the reference answers with, per part:")
    print("//   \\p{L} \\p{N} \\p{M} (Oniguruma): 16.0   lower case, numeric (Rust std): 17.0   \\w (regex crate): 16.0")
    print("//   NFD NFC NFKD NFKC, combining classes, StripAccents: 12.0   BERT's marks, punctuation, controls: 8.0")
    print("// clang-format off")
    print("#include <cstdint>\n\nnamespace wembed::text::tables {")
    print(f"\n/// The sets of class bits that occur, the general category above them; runs name them by index.")
    print(f"inline constexpr uint32_t kSets[{len(sets)}] = {{" + ",".join(map(str, sets)) + "};")
    emit("kRuns", run_bytes({c: sets.index(v) for c, v in bits.items()}), "From U+0080 on: runs by index into kSets.")
    emit_han()
    emit_mapping("kLower", lower, "Lower case.", to_self=True)
    emit_mapping("kCanonical", canonical, "Full canonical decompositions, without Hangul.")
    table = bytes(mapping_bytes(compat))
    print("\n/// Full compatibility decompositions where they differ from the canonical ones come with the tokenizers that need them"
          "\n/// (web/tokenizer/compatibility.js): their length and FNV-1a hash."
          f"\ninline constexpr uint32_t kCompatibleSize = {len(table)}, kCompatibleHash = {fnv(table)};")
    write_compatibility(table)
    emit("kClasses", run_bytes(ccc), "From U+0080 on: runs of one canonical combining class.")
    assert folded(canonical, composed) == composed
    print("\n}  // namespace wembed::text::tables")
    print({"sets": len(sets), "canonical": len(canonical), "compat": len(compat), "lower": len(lower),
           "composed": len(composed), "ccc": len(ccc)}, file=sys.stderr)


main()
