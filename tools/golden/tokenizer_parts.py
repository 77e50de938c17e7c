"""Every part that a tokenizer.json may have, in small tokenizers, over texts that try their edges: ids, offsets and both ways
to decode, as Hugging Face's Rust library gives them.

    python tools/golden/tokenizer_parts.py [NAME ...]
"""
import gzip
import itertools
import json
import pathlib
import random

import tokenizers
from tokenizers import Tokenizer

from golden_file import finish, wanted, write_versions

OUT = pathlib.Path("tests/golden/tokenizer_parts")
TEXTS = [
    "", " ", "a", "a b", " a  b ", "ab--ab, a.b! (a)", "a1b22 333", "don't 'we' you're", "Ünïcode\u00e9 e\u0301",
    "日本語 テスト カタカナ", "한국어 글", "emoji 😀👩‍👩‍👧 x", "tab\tnew\nline\r\n end", "a|b||c| d", "x" * 12, "ABC abc Abc",
    "\u00a0nb\u2003sp\u3000id", "ﬁ ① ² ﾊ", "zero\u200bwidth\ufeff", "<s>a</s> <x> b<x>", "a  b   c    d", "...!!??", "١٢٣ ½ Ⅷ",
    "\u0001c\u007fd\u008f", "▁a▁b", "naïve café", "a\u0301b", "Straße İ", "--a--b--", "-a-", "𝔸𝟙 x", "क्षत्रिय", "the theme",
]
BEHAVIORS = ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]
NAMES = {"removed": "Removed", "isolated": "Isolated", "merged_with_previous": "MergedWithPrevious",
         "merged_with_next": "MergedWithNext", "contiguous": "Contiguous"}


def characters():
    found = sorted(set("".join(TEXTS)))
    return found


def byte_characters():
    keep = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table = {b: chr(b) for b in keep}
    for n, b in enumerate(b for b in range(256) if b not in keep):
        table[b] = chr(256 + n)
    return table


def bpe(extra=None, merges=(("a", "b"), ("-", "-"), ("t", "h"), ("th", "e"), (" ", " "), ("1", "2")), **options):
    vocab = {"<unk>": 0}
    for token in [*characters(), "▁", "Ġ", *byte_characters().values(), *(left + right for left, right in merges), *(extra or [])]:
        vocab.setdefault(token, len(vocab))
    vocab = {k: v for k, v in vocab.items() if k not in ("日", "글")}
    return {"type": "BPE", "vocab": vocab, "merges": [" ".join(m) if " " not in m[0] + m[1] else list(m) for m in merges],
            "unk_token": "<unk>", **options}


def same_merges(model):
    model["merges"] = [m if isinstance(m, list) else m.split(" ") for m in model["merges"]]
    return model


def added(*tokens, first=3000):
    return [{"id": first + i, "content": t, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
             "special": True} for i, t in enumerate(tokens)]


def whole(model, **parts):
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
            "pre_tokenizer": None, "post_processor": None, "decoder": None, "model": model, **parts}


def normalizers():
    steps = [
        {"type": "NFC"}, {"type": "NFD"}, {"type": "NFKC"}, {"type": "NFKD"}, {"type": "Lowercase"}, {"type": "StripAccents"},
        {"type": "Nmt"}, {"type": "Strip", "strip_left": True, "strip_right": False},
        {"type": "Strip", "strip_left": False, "strip_right": True}, {"type": "Prepend", "prepend": "▁"},
        {"type": "Replace", "pattern": {"String": "a"}, "content": "th"},
        {"type": "Replace", "pattern": {"Regex": "[aeiou]+"}, "content": "_"},
        {"type": "Replace", "pattern": {"Regex": "(\\d)(?=\\d)"}, "content": "th"},
        {"type": "Replace", "pattern": {"Regex": "\\p{P}"}, "content": ""},
        {"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": " "},
        {"type": "ByteLevel"},
        {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True},
    ]
    pairs = list(itertools.permutations(steps, 2))
    random.Random(1).shuffle(pairs)
    many = [{"type": "Replace", "pattern": {"String": c}, "content": f" {c} "} for c in "-.,!?()'|<>/123456789abcdefghij"]
    for chain in [*([s] for s in steps), *pairs[:60], [{"type": "NFD"}, *many, {"type": "Strip", "strip_left": True, "strip_right": True}]]:
        yield whole(same_merges(bpe()), normalizer={"type": "Sequence", "normalizers": list(chain)})


def pre_tokenizers():
    steps = [
        {"type": "Whitespace"}, {"type": "WhitespaceSplit"}, {"type": "BertPreTokenizer"},
        {"type": "Digits", "individual_digits": False}, {"type": "Digits", "individual_digits": True},
        {"type": "CharDelimiterSplit", "delimiter": "|"}, {"type": "CharDelimiterSplit", "delimiter": " "},
        {"type": "FixedLength", "length": 3}, {"type": "UnicodeScripts"},
        *({"type": "Metaspace", "replacement": "▁", "prepend_scheme": s, "split": split} for s in ("always", "first", "never")
          for split in (True, False)),
        *({"type": "ByteLevel", "add_prefix_space": p, "trim_offsets": True, "use_regex": r} for p in (True, False) for r in (True, False)),
        *({"type": "Punctuation", "behavior": NAMES[b]} for b in BEHAVIORS),
        *({"type": "Split", "pattern": p, "behavior": NAMES[b], "invert": i} for b in BEHAVIORS for i in (False, True)
          for p in ({"String": "-"}, {"Regex": "\\s*[A-Z]?[a-z]+|\\d"})),
    ]
    pairs = list(itertools.permutations(steps, 2))
    random.Random(2).shuffle(pairs)
    triples = [random.Random(i).sample(steps, 3) for i in range(60)]
    def refused(chain):  # by web/tokenizer/pre_tokenizers.js, which says why
        after = [s["type"] == "ByteLevel" and s["add_prefix_space"] for s in chain]
        return any(s.get("prepend_scheme") == "first" and any(after[:i]) for i, s in enumerate(chain))

    for chain in filter(lambda chain: not refused(chain), [*([s] for s in steps), *pairs[:160], *triples]):
        yield whole(same_merges(bpe()), pre_tokenizer={"type": "Sequence", "pretokenizers": list(chain)})
    byte_level = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
    for after in ({"type": "Digits", "individual_digits": True}, {"type": "Split", "pattern": {"String": "Ġ"}, "behavior": "Removed", "invert": False}):
        for post in (None, byte_level):
            yield whole(same_merges(bpe()), pre_tokenizer={"type": "Sequence", "pretokenizers": [byte_level, after]}, post_processor=post)


def models():
    split = {"type": "WhitespaceSplit"}
    meta = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
    words = {w: i for i, w in enumerate(dict.fromkeys(" ".join(TEXTS).split()[::2]))}
    yield whole({"type": "WordLevel", "vocab": {**words, "[UNK]": len(words)}, "unk_token": "[UNK]"}, pre_tokenizer=split)
    yield whole({"type": "WordLevel", "vocab": {**words, "[UNK]": 5000}, "unk_token": "[UNK]"}, pre_tokenizer=split)
    yield whole({"type": "WordLevel", "vocab": words, "unk_token": "none"}, pre_tokenizer=split)
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    yield whole({"type": "WordLevel", "vocab": {"Ġa": 0, "a": 1, "Ġb": 2, "[UNK]": 3}, "unk_token": "[UNK]"}, pre_tokenizer=byte_level, post_processor=byte_level, decoder=byte_level)
    pieces = {"[UNK]": 0}
    for piece in [*characters(), *("##" + c for c in characters()[::2]), "the", "##me", "don", "##t"]:
        pieces.setdefault(piece, len(pieces))
    for most in (100, 5):
        yield whole({"type": "WordPiece", "vocab": pieces, "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                     "max_input_chars_per_word": most}, pre_tokenizer=split)
    for fuse, ignore, suffix, prefix in itertools.product((False, True), (False, True), (None, "</w>"), (None, "##")):
        model = same_merges(bpe(fuse_unk=fuse, ignore_merges=ignore, dropout=None))
        vocab = model["vocab"]
        for c in characters():
            for token in ((c + suffix,) if suffix else ()) + ((prefix + c,) if prefix else ()) + ((prefix + c + suffix,) if prefix and suffix else ()):
                vocab.setdefault(token, len(vocab) + 10)
        if prefix:
            model["merges"] = [["a", prefix + "b"], ["t", prefix + "h"]]
        if suffix:
            model["merges"] = [m for m in model["merges"] if not prefix]
        model.update(end_of_word_suffix=suffix, continuing_subword_prefix=prefix)
        yield whole(model, pre_tokenizer=split)
    fallback = same_merges(bpe(byte_fallback=True, fuse_unk=True))
    for b in range(256):
        fallback["vocab"].setdefault(f"<0x{b:02X}>", len(fallback["vocab"]) + 20)
    yield whole(fallback, pre_tokenizer=meta)
    partial = same_merges(bpe(byte_fallback=True))
    partial["vocab"]["<0xE6>"] = 4000
    yield whole(partial, pre_tokenizer=meta)
    no_unknown = same_merges(bpe())
    no_unknown["unk_token"] = None
    yield whole(no_unknown, pre_tokenizer=meta)
    scored = [["<unk>", 0.0], *([c, -8.0 - i / 64] for i, c in enumerate(characters()) if c not in "日글▁"), ["▁", -3.0],
              ["▁a", -2.5], ["ab", -4.0], ["the", -4.5], ["▁the", -5.0], ["--", -4.0]]
    for unk, fallback in itertools.product((0, None), (False, True)):
        vocab = [*scored, *([[f"<0x{b:02X}>", -20.0] for b in range(256)] if fallback else [])]
        yield whole({"type": "Unigram", "vocab": vocab, "unk_id": unk, "byte_fallback": fallback}, pre_tokenizer=meta)
    yield whole(same_merges(bpe()), added_tokens=added("<s>", "</s>", "<x>", first=len(bpe()["vocab"])), pre_tokenizer=split)


def decoders():
    steps = [
        {"type": "Fuse"}, {"type": "ByteFallback"}, {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        {"type": "Strip", "content": "a", "start": 1, "stop": 1}, {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
        {"type": "WordPiece", "prefix": "##", "cleanup": True}, {"type": "WordPiece", "prefix": "##", "cleanup": False},
        {"type": "BPEDecoder", "suffix": "</w>"}, {"type": "CTC", "pad_token": "a", "word_delimiter_token": "|", "cleanup": True},
        {"type": "CTC", "pad_token": "-", "word_delimiter_token": "|", "cleanup": False},
        *({"type": "Metaspace", "replacement": "▁", "prepend_scheme": s, "split": True} for s in ("always", "first", "never")),
    ]
    meta = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
    pairs = list(itertools.permutations(steps, 2))
    random.Random(3).shuffle(pairs)
    for chain in [[], *([s] for s in steps), *pairs[:60]]:
        decoder = {"type": "Sequence", "decoders": list(chain)} if chain else None
        model = same_merges(bpe())
        yield whole(model, pre_tokenizer=meta, decoder=decoder, added_tokens=added("<s>", "</s>", first=len(model["vocab"])))


def templates():
    model = same_merges(bpe())
    first = len(model["vocab"])
    special = {"<s>": {"id": "<s>", "ids": [first, 3], "tokens": ["<s>", "a"]}, "</s>": {"id": "</s>", "ids": [first + 1], "tokens": ["</s>"]}}

    def template(single, pair):
        def part(p):
            if p[0] in "AB":
                return {"Sequence": {"id": p[0], "type_id": int(p[1])}}
            return {"SpecialToken": {"id": p[:-1], "type_id": int(p[-1])}}
        return {"type": "TemplateProcessing", "single": [part(p) for p in single], "pair": [part(p) for p in pair], "special_tokens": special}
    posts = [
        None,
        {"type": "BertProcessing", "sep": ["</s>", first + 1], "cls": ["<s>", first]},
        {"type": "RobertaProcessing", "sep": ["</s>", first + 1], "cls": ["<s>", first], "trim_offsets": True, "add_prefix_space": True},
        template(["<s>0", "A0", "</s>0"], ["<s>0", "A0", "</s>0", "B1", "</s>1"]),
        template(["A0", "</s>0"], ["B1", "<s>1", "A0"]),
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
        {"type": "Sequence", "processors": [template(["<s>0", "A0"], ["<s>0", "A0", "B0"]),
                                            {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}]},
    ]
    for post in posts:
        yield whole(model, pre_tokenizer={"type": "WhitespaceSplit"}, post_processor=post, added_tokens=added("<s>", "</s>", first=first))


def added_tokens():
    """Ids that a file gives to added tokens are not those that they get: gaps, tokens twice, ids of other tokens."""
    pick = random.Random(5)
    words = ["a", "b", "c", "x", "1", "ab", "<s>", "</s>", "<x>", "a b", "'"]
    for n in range(150):
        own = pick.sample(words, pick.randint(2, 8))
        ids = sorted(pick.sample(range(1, 40), len(own))) if n % 3 == 0 else range(1, len(own) + 1)
        vocab = {"<unk>": 0, **dict(zip(own, ids))}
        model = [
            {"type": "WordLevel", "vocab": vocab, "unk_token": "<unk>"},
            {"type": "WordPiece", "vocab": vocab, "unk_token": "<unk>", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100},
            {"type": "BPE", "vocab": vocab, "merges": [], "unk_token": "<unk>"},
            {"type": "Unigram", "vocab": [[word, -i] for i, word in enumerate(vocab)], "unk_id": 0},
        ][n % 4]
        yield whole(model, pre_tokenizer={"type": "Whitespace"}, normalizer=pick.choice([None, {"type": "Lowercase"}]), added_tokens=[
            {"id": pick.choice([pick.randint(0, 12), pick.randint(0, 60)]), "content": pick.choice(words), "special": pick.random() < 0.5,
             "single_word": pick.random() < 0.15, "lstrip": pick.random() < 0.2, "rstrip": pick.random() < 0.2,
             "normalized": pick.random() < 0.4} for _ in range(pick.randint(0, 6))])


def sought_tokens():
    """Added tokens that are sought in normalized text, that are left out as special when they are spelled so, and that begin in
    white space that another one took. Not two of one normalized spelling: of those the library finds any."""
    pick = random.Random(6)
    words = ["A", "a", "Ab", "aB", "a b", "A b", " a", "▁a", "É", "é", "ﬁ", "fi", "<X>", "<x>", "a ", "ABC", "ab", "b", "  ", " ", "bb"]
    steps = [{"type": "Lowercase"}, {"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
             {"type": "NFKC"}, {"type": "Replace", "pattern": {"String": "b"}, "content": ""}]
    decoders = [None, {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}, {"type": "Fuse"},
                {"type": "WordPiece", "prefix": "##", "cleanup": True}]
    for _ in range(120):
        vocab = {word: i for i, word in enumerate(["<unk>", "a", "b", "ab", "▁", "▁a", "c", "x"])}
        tokens = []
        for word in pick.sample(words, pick.randint(1, 5)):
            tokens.append({"id": vocab.get(word, len(vocab) + len(tokens)), "content": word, "special": pick.random() < 0.5,
                           "single_word": pick.random() < 0.15, "lstrip": pick.random() < 0.2, "rstrip": pick.random() < 0.3,
                           "normalized": pick.random() < 0.6})
        normalizer = {"type": "Sequence", "normalizers": pick.sample(steps, pick.randint(1, 2))}
        case = whole({"type": "WordLevel", "vocab": vocab, "unk_token": "<unk>"}, normalizer=normalizer, decoder=pick.choice(decoders),
                     pre_tokenizer=pick.choice([None, {"type": "WhitespaceSplit"}]), added_tokens=tokens)
        t = Tokenizer.from_str(json.dumps(case))
        sought = [t.normalizer.normalize_str(token["content"]) for token in tokens if token["normalized"]]
        if "" not in sought and len(set(sought)) == len(sought):
            yield case


def first_words():
    """Metaspace marks the first word alone: none where the normalizer takes away the character that a text begins with."""
    removed = {"type": "Replace", "pattern": {"Regex": "^[ad]"}, "content": ""}
    normalizers = [{"type": "Strip", "strip_left": True, "strip_right": True}, {"type": "Nmt"}, removed, {"type": "Lowercase"},
                   {"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "StripAccents"}]}, {"type": "NFKD"},
                   {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True},
                   {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, removed]},
                   {"type": "Sequence", "normalizers": [{"type": "Strip", "strip_left": True, "strip_right": False},
                                                        {"type": "Prepend", "prepend": "x"}]}]
    for normalizer in normalizers:
        for split in (True, False):
            meta = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": split}
            for before in ([], [{"type": "WhitespaceSplit"}], [{"type": "Digits", "individual_digits": True}, {**meta, "split": False}]):
                for tokens in ([], added("b", "<s>", first=len(bpe()["vocab"]))):
                    yield whole(same_merges(bpe()), normalizer=normalizer, pre_tokenizer={"type": "Sequence", "pretokenizers": [*before, meta]},
                                added_tokens=[{**token, "normalized": True} for token in tokens])


def trimmed_offsets():
    """White space leaves the offsets of added tokens, too: what they took in the text, and what they are made of."""
    vocab = {"<unk>": 0, **{c: i + 1 for i, c in enumerate(byte_characters().values())}}
    model = {"type": "BPE", "vocab": vocab, "merges": [], "unk_token": "<unk>"}
    for prefix in (False, True):
        level = {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": True, "use_regex": True}
        ends = {"sep": ["</s>", len(vocab) + 1], "cls": ["<s>", len(vocab)], "trim_offsets": True, "add_prefix_space": prefix}
        for post in (level, {"type": "RobertaProcessing", **ends}):
            for strips in ({}, {"lstrip": True}, {"rstrip": True}, {"lstrip": True, "rstrip": True}):
                for normalized in (False, True):
                    tokens = added("<s>", "</s>", "<x>", "\n", "\t", "  ", "\u3000id", " b", first=len(vocab))
                    tokens = tokens[:2] + [{**token, **strips, "normalized": normalized} for token in tokens[2:]]
                    yield whole(model, pre_tokenizer=level, post_processor=post, decoder=level, added_tokens=tokens)


def empty_patterns():
    for pattern in ({"String": ""}, {"Regex": ""}, {"Regex": "x*"}):
        yield whole(same_merges(bpe()), normalizer={"type": "Replace", "pattern": pattern, "content": ""})
        for b in BEHAVIORS:
            for invert in (False, True):
                yield whole(same_merges(bpe()), pre_tokenizer={"type": "Split", "pattern": pattern, "behavior": NAMES[b], "invert": invert})


def utf16(text, at):
    return len(text[:at].encode("utf-16-le")) // 2


def encoded(t, text, pair=None):
    try:
        e = t.encode(text) if pair is None else t.encode(text, pair)
    except Exception:
        return None
    ids = e.ids
    if pair is not None:
        return [ids, e.type_ids]
    offsets = [[utf16(text, a), utf16(text, b)] for a, b in e.offsets]
    return [ids, offsets, decoded(t, ids, True), decoded(t, ids, False)]


def decoded(t, ids, skip):
    try:
        return t.decode(ids, skip_special_tokens=skip)
    except BaseException:  # Strip panics on tokens that are shorter than what it takes
        return None


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    kinds = {f.__name__: f for f in (normalizers, pre_tokenizers, models, decoders, templates, added_tokens, sought_tokens,
                                      first_words, trimmed_offsets, empty_patterns)}
    for name, make in kinds.items():
        if not wanted(name):
            continue
        cases = []
        for parts in make():
            try:
                t = Tokenizer.from_str(json.dumps(parts))
            except Exception as error:
                cases.append({"json": parts, "error": str(error)})
                continue
            case = {"json": parts, "texts": [encoded(t, text) for text in TEXTS]}
            if name == "templates":
                case["pairs"] = [encoded(t, a, b) for a, b in zip(TEXTS, TEXTS[1:])]
            cases.append(case)
        models_seen = []
        for case in cases:  # one copy of each model
            model = case["json"].pop("model")
            if model not in models_seen:
                models_seen.append(model)
            case["model"] = models_seen.index(model)
        data = json.dumps({"texts": TEXTS, "models": models_seen, "cases": cases}, ensure_ascii=True, separators=(",", ":"))
        with open(OUT / f"{name}.json.gz", "wb") as file:
            file.write(gzip.compress(data.encode(), mtime=0))
    finish()
    write_versions(OUT / "versions.json", kinds, tokenizers=tokenizers.__version__)


if __name__ == "__main__":
    main()
