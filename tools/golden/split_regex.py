"""Writes tests/golden/tokenizer_models/split_regex.bin: how HF `tokenizers` splits texts by regular expressions that real
tokenizer.json files have, and by others of the same parts, under every behavior, inverted or not. (tokenizers 0.23.3)

    python tools/golden/split_regex.py

u32: the number of texts, each as length and bytes; the number of groups, each as: 1 for a literal text, the behavior, 1 where
inverted, the pattern as length and bytes, and FNV-1a over all pieces' ends in bytes and, after each text, 0xFFFFFFFF.
"""
import random
import struct

from tokenizers import Regex, pre_tokenizers as P

from golden_file import finish, wanted

PATTERNS = [
 r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
 r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
 r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
 r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
 r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
 r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+",
 r"\p{N}{1,3}", r"[一-龥\u3040-ゟ゠-ヿ]+", r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
 r"[\r\n]", r"\s?[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-Ֆ]+", r"\s?[!-/:-~！-／：-～‘-‟　-。]+", r"\s+$", r"[一-龥ࠀ-一가-퟿]+", r"\p{N}", 
 r"[0-9][0-9][0-9]", r" ?[^(\s|[.,!?…。，、।۔،])]+", r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+",
 r"[\p{Han}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
 r"\d{1,3}(?=(?:\d{3})*(?!\d))", r"\w+|[^\w\s]+", r"[\w]+", r"(?<=\s)a|(?<!a)b", r"(?:ab|a)(?:c|bcd)?", r"a*?b", r"(?>a+)b?", r"^a|b$", r".", r"(?:a|b)*c", r"(ab+)+a", r"\S+\s?", r"[^\S\n]+|\n", r"x*", r"(?i)k|S",r"\h+",r"[a-c&&b-d]+", r"\P{L}+", r"\p{^L}+", r"\p{Lu}\p{Ll}*", r"[ab]{2,3}?", r"a{,2}b", r"(?:aa?){2,3}", r"(?:a|ab)++c", r"\Aa|b\z|\s\Z", r"[-a]+|[b-]+", r"(?=a)|b", r"(?i:S)+|[a-z]",
 r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s", r"\p{N}{1,3}+", r"a{2}+b?",
 r"[ab]{2}{2}", r"(?:ab|a){1,2}*c", r"a{2}?", r"[abc]{3}?c", r"a{2}+?b", r"[ab]{1,2}{2,3}?", r"a{2}??b",
 r"\d{1,3}(?=(?:\d{3})*\b)", r"\p{N}{1,3}(?=(?:\p{N}{3})*(?!\p{N}))", r"\b\w+\b|\W", r"\b", r"\B", r"\Ba|s\b", r"(?:a\b|b\B)+", r"(?i:\bs)"]

LITERALS = ["a", " ", "ab", "\n", ".", " ?", "中", "aa"]
CHARACTERS = ["a","b","c","s","t","re","ll","A","S","B","K","1","2","345"," "," ","  ","\t","\n","\r\n","\n\n","\v","'","'s","'LL","'ve","(",")",".","/","/","_","\"","\x01","\x7f","é","É","ß","ſ","ǅ","ʰ","中","文","ひ","カ","\u3000","\u0085","\u0301","½","٣","Ⅷ","ⓐ","😀","\u200d","’","K","가","ก","ั","।","。","！"]
BEHAVIORS = ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]
R = random.Random(7)


def text():
    kinds = R.randint(1, len(CHARACTERS))
    first = R.randint(0, len(CHARACTERS) - kinds)
    return "".join(R.choice(CHARACTERS[first:first + kinds]) for _ in range(R.randint(1, R.choice([6, 30, 60]))))


def fnv(h, value):
    for i in range(4):
        h = (h ^ (value >> 8 * i & 0xFF)) * 0x01000193 & 0xFFFFFFFF
    return h


def sized(s):
    data = s.encode()
    return struct.pack("<I", len(data)) + data


def main():
    if not wanted("split_regex"):
        return finish()
    texts = [text() for _ in range(120)]
    out = struct.pack("<I", len(texts)) + b"".join(map(sized, texts))
    groups = [(p, literal, b, inverted) for literal, patterns in enumerate((PATTERNS, LITERALS)) for p in patterns
              for b in range(5) for inverted in (0, 1)]
    out += struct.pack("<I", len(groups))
    for pattern, literal, behavior, inverted in groups:
        split = P.Split(pattern if literal else Regex(pattern), BEHAVIORS[behavior], bool(inverted))
        h = 0x811C9DC5
        for t in texts:
            at = [0]
            for c in t:
                at.append(at[-1] + len(c.encode()))
            for _, (begin, end) in split.pre_tokenize_str(t):
                h = fnv(fnv(h, at[begin]), at[end])
            h = fnv(h, 0xFFFFFFFF)
        out += struct.pack("<III", literal, behavior, inverted) + sized(pattern) + struct.pack("<I", h)
    with open("tests/golden/tokenizer_models/split_regex.bin", "wb") as file:
        file.write(out)
    finish()


main()
