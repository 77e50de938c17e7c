"""Golden values for cpp/text/{bpe,unigram,split}: what HF `tokenizers` (Rust) gives on seeded random texts.

    python tools/golden/tokenizer_models.py [NAME ...]     (tokenizers; ../shared/data/corpora to train on)

Writes tests/golden/tokenizer_models/:
  texts.bin        u32 n, then n × (u32 size, UTF-8)
  <model>.bin      u32 n, n × (u32 size, bytes, by id); u32 m, m × u32 (left, right, merged); u32 k, k × f64 scores
  <name>.hashes    n × u32, FNV-1a over the u32s a text gives: (id, end) per token, or the ends of the pieces
  versions.json    versions, of Unicode too, by which characters are chosen, and the seed
All little-endian. Byte-level pieces are stored as the raw bytes they stand for.
"""

import pathlib
import random
import struct
import sys
import unicodedata

import tokenizers
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

from golden_file import NAMES, finish, known, wanted, write_versions

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "tests/golden/tokenizer_models"
CORPORA = ROOT.parent / "shared/data/corpora"
COUNT = 6000

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
CL100K = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2 = CL100K.replace(r"\p{N}{1,3}", r"\p{N}")
QWEN3_MARKS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}"
    r"| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

RANGES = {
    "latin": [(0x61, 0x7A), (0x41, 0x5A), (0xC0, 0x24F)],
    "greek": [(0x370, 0x3FF)],
    "cyrillic": [(0x400, 0x4FF)],
    "hebrew": [(0x591, 0x5F4)],
    "arabic": [(0x600, 0x6FF)],
    "devanagari": [(0x900, 0x97F)],
    "thai": [(0xE01, 0xE5B)],
    "hangul": [(0xAC00, 0xD7A3), (0x1100, 0x11FF)],
    "kana": [(0x3041, 0x30FF)],
    "cjk": [(0x4E00, 0x9FFF), (0x3000, 0x303F), (0x20000, 0x2A6DF)],
    "emoji": [(0x1F300, 0x1FAFF), (0x200D, 0x200D), (0xFE0F, 0xFE0F), (0x1F1E6, 0x1F1FF)],
    "marks": [(0x61, 0x65), (0x300, 0x36F), (0x20D0, 0x20F0), (0x1AB0, 0x1ACE)],
    "numbers": [(0x30, 0x39), (0xB2, 0xB3), (0xBC, 0xBE), (0x660, 0x669), (0x2160, 0x2188), (0x2460, 0x249B)],
    "controls": [(0x00, 0x20), (0x7F, 0xA0), (0x2000, 0x200F), (0x2028, 0x202F), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFD)],
    "punctuation": [(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E), (0x2010, 0x2027), (0x20A0, 0x20BF)],
    "anything": [(0x20, 0xD7FF), (0xE000, 0x10FFFF)],
}
GLUE = [" ", " ", " ", "  ", "\n", "\r\n", "\n\n ", "\t", " \u00a0", "\u3000", "", "'", "'s", "'S", "'\u017f", "'LL ", "'Re",
        "'vE", "'t", "▁", "▁▁", "<unk>", "<0x41>", "   ", " \n \n  ", "don't", "WE'VE", "\u0085", "\u2028", "''ll", " 's"]


def assigned(c):
    return unicodedata.category(c) != "Cn"


def make_texts(rng, lines):
    texts = ["", " ", "  ", "\n", "'", "'s", "a", "▁", "'\u017f", "'\u017fa", "\r", "\u00a0", "\u1e9e", "'LL", "'ſt", "é" * 40]
    words = sorted({w for line in lines for w in line.split()})
    while len(texts) < COUNT:
        parts = []
        for _ in range(rng.randint(1, 5)):
            if rng.random() < 0.35:
                parts.append(rng.choice(words))
            else:
                ranges = RANGES[rng.choice(list(RANGES))]
                chars = (chr(rng.randint(*rng.choice(ranges))) for _ in range(rng.randint(1, 9)))
                parts.append("".join(c for c in chars if assigned(c)))
            parts.append(rng.choice(GLUE))
        texts.append("".join(parts))
    for _ in range(20):  # long pieces take another way through the merges
        texts.append("".join(rng.choice("abcdeth") for _ in range(rng.randint(30, 400))))
        texts.append(rng.choice(["a", "ab", "the", "日", "é"]) * rng.randint(20, 200))
    return texts


def fnv(values):
    h = 0x811C9DC5
    for value in values:
        for byte in struct.pack("<I", value):
            h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
    return h


def byte_of_character():
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = [b for b in range(256) if b not in printable]
    return {chr(b): b for b in printable} | {chr(256 + i): b for i, b in enumerate(rest)}


RAW = byte_of_character()


def raw(piece):
    if all(c in RAW for c in piece):
        return bytes(RAW[c] for c in piece)
    return b"\xff" + piece.encode()


def write_model(name, model, byte_level):
    pieces = model["vocab"]
    scores = []
    if isinstance(pieces, list):
        scores = [score for _, score in pieces]
        pieces = [piece for piece, _ in pieces]
    ids = pieces if isinstance(pieces, dict) else {piece: i for i, piece in enumerate(pieces)}
    ordered = sorted(ids, key=ids.get)
    assert [ids[p] for p in ordered] == list(range(len(ordered)))
    out = [struct.pack("<I", len(ordered))]
    for piece in ordered:
        spelled = raw(piece) if byte_level else piece.encode()
        out += [struct.pack("<I", len(spelled)), spelled]
    merges = model.get("merges", [])
    out.append(struct.pack("<I", len(merges)))
    for left, right in merges:
        out.append(struct.pack("<III", ids[left], ids[right], ids[left + right]))
    out.append(struct.pack("<I", len(scores)) + struct.pack(f"<{len(scores)}d", *scores))
    (OUT / f"{name}.bin").write_bytes(b"".join(out))


def write_hashes(name, values):
    (OUT / f"{name}.hashes").write_bytes(struct.pack(f"<{len(values)}I", *values))


def utf8_ends(text, splits):
    """Ends of pre-tokenised pieces, in bytes of the text."""
    return [len(text[:end].encode()) for _, (_, end) in splits]


def ids_and_ends(tokens):
    return [value for token in tokens for value in (token.id, token.offsets[1])]


def model_of(tokenizer):
    import json

    return json.loads(tokenizer.to_str())["model"]


def byte_level(name, pattern, lines, texts, ignore_merges=False, unreachable=()):
    if not wanted(name):
        return
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=3000, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(lines, trainer)
    model = model_of(tokenizer)
    for piece in unreachable:  # pieces no merge makes: only ignore_merges finds them
        model["vocab"].setdefault(piece, len(model["vocab"]))
    merges = [tuple(pair) for pair in model["merges"]]
    tokenizer.model = models.BPE(vocab=model["vocab"], merges=merges, ignore_merges=ignore_merges)
    write_model(name, model, True)
    write_hashes(name, [fnv(tokenizer.encode(text, add_special_tokens=False).ids) for text in texts])


def spm_bpe(name, lines, texts, fuse_unk, keep_bytes):
    if not wanted(name):
        return
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<unk>"] + [f"<0x{b:02X}>" for b in keep_bytes]
    tokenizer.train_from_iterator(
        lines, trainers.BpeTrainer(vocab_size=3000, special_tokens=special, show_progress=False)
    )
    model = model_of(tokenizer)
    merges = [tuple(pair) for pair in model["merges"]]
    bpe = models.BPE(vocab=model["vocab"], merges=merges, unk_token="<unk>", fuse_unk=fuse_unk, byte_fallback=True)
    write_model(name, model, False)
    write_hashes(name, [fnv(ids_and_ends(bpe.tokenize(text.replace(" ", "▁")))) for text in texts])


def affix_bpe(name, lines, texts):
    if not wanted(name):
        return
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.BpeTrainer(
        vocab_size=2000, special_tokens=["<unk>"], end_of_word_suffix="</w>", show_progress=False
    )
    tokenizer.train_from_iterator(lines, trainer)
    write_model(name, model_of(tokenizer), False)
    write_hashes(name, [fnv(ids_and_ends(tokenizer.model.tokenize(text)) if text else []) for text in texts])


def unigram(name, lines, texts, byte_tokens):
    if not wanted(name):
        return
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<unk>"] + [f"<0x{b:02X}>" for b in range(256)] * byte_tokens
    trainer = trainers.UnigramTrainer(
        vocab_size=3000, special_tokens=special, unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(lines, trainer)
    model = model_of(tokenizer)
    # Few distinct scores: ties are what tells tie-breaking apart.
    # The trainer lists a special token twice if it also meets it in text; Vocab wants each piece once.
    scores = {piece: score for piece, score in reversed(model["vocab"])}
    scores = {piece: scores[piece] for piece, _ in model["vocab"]}
    vocab = [(piece, round(score, 0 if byte_tokens else 6)) for piece, score in scores.items()]
    fixed = models.Unigram(vocab, 0, byte_tokens)
    model["vocab"] = vocab
    write_model(name, model, False)
    write_hashes(name, [fnv(ids_and_ends(fixed.tokenize(text.replace(" ", "▁")))) for text in texts])


def write_texts(texts):
    packed = [struct.pack("<I", len(texts))]
    for text in texts:
        data = text.encode()
        packed += [struct.pack("<I", len(data)), data]
    (OUT / "texts.bin").write_bytes(b"".join(packed))


def read_texts():
    data = (OUT / "texts.bin").read_bytes()
    (count,), at, texts = struct.unpack_from("<I", data), 4, []
    for _ in range(count):
        (size,) = struct.unpack_from("<I", data, at)
        texts.append(data[at + 4 : at + 4 + size].decode())
        at += 4 + size
    return texts


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    rng = random.Random(5)
    lines = [
        line
        for file in ["genesis_kjv.txt", "inaugural.txt"]
        for line in (CORPORA / file).read_text("utf-8", "ignore").splitlines()
    ][:6000]
    texts = read_texts() if NAMES else make_texts(rng, lines)
    train = lines + texts[:600]
    if not NAMES:
        write_texts(texts)

    patterns = {"gpt2": GPT2, "cl100k": CL100K, "qwen2": QWEN2, "qwen3_marks": QWEN3_MARKS}
    for name, pattern in patterns.items():
        split = pre_tokenizers.Split(Regex(pattern), "isolated")
        if wanted(f"split_{name}"):
            write_hashes(f"split_{name}", [fnv(utf8_ends(text, split.pre_tokenize_str(text))) for text in texts])
    for name, pre in {
        "digits": pre_tokenizers.Digits(False),
        "digits_individual": pre_tokenizers.Digits(True),
    }.items():
        if wanted(f"split_{name}"):
            write_hashes(f"split_{name}", [fnv(utf8_ends(text, pre.pre_tokenize_str(text))) for text in texts])
    metaspace = pre_tokenizers.Metaspace(prepend_scheme="never", split=True)
    if wanted("split_metaspace"):
        write_hashes("split_metaspace", [fnv(utf8_ends(text, metaspace.pre_tokenize_str(text))) for text in texts])

    byte_level("bpe_gpt2", GPT2, train, texts)
    byte_level("bpe_llama3", CL100K, train, texts, True, ["Ġunto", "zqzq", "Ġxylophone", "LL", "'LL", "Ġéa", "abc"])
    byte_level("bpe_qwen2", QWEN2, train, texts)
    spm_bpe("bpe_spm", train, texts, True, range(256))
    spm_bpe("bpe_partial", train, texts, False, [b for b in range(256) if b % 3])
    affix_bpe("bpe_suffix", train, texts)
    unigram("unigram", train, texts, False)
    unigram("unigram_bytes", train, texts, True)
    write_versions(
        OUT / "versions.json", known, tokenizers=tokenizers.__version__, python=sys.version.split()[0],
        unicode=unicodedata.unidata_version, texts=len(texts), seed=5,
    )
    finish()


if __name__ == "__main__":
    main()
