"""Golden ids of real tokenizer files in ../shared/data, by hash: what tokenizers and tiktoken give for 700 texts.

    python tools/golden/real_tokenizers.py [NAME ...]     (tokenizers, tiktoken; ../shared/data)

Writes tests/golden/real_tokenizers.json: for each case its file and, in base64, a u32 for each text: FNV-1a over u32s,
of the number of ids, the ids, and with tokenizers the UTF-16 begin and end of each, then the bytes of the decoded text
without and with special tokens. The texts: the first 500 of tests/golden/tokenizer_models/texts.bin, then 200 of
texts.py that are joined to longer ones.
"""
import base64
import json
import pathlib
import struct

import tiktoken
import tiktoken_ext.openai_public as openai_public
import tokenizers
from tiktoken.load import load_tiktoken_bpe
from tokenizers import Tokenizer

from golden_file import finish, wanted

DATA = pathlib.Path("../shared/data")
OUT = pathlib.Path("tests/golden/real_tokenizers.json")
FILES = {
    "phi-2": "tokenizers/phi-2.tokenizer.json",
    "potion WordPiece": "model2vec/test-model-float32/tokenizer.json",
    "potion Unigram": "model2vec/test-model-vocab-quantized/tokenizer.json",
}
RANKS = {
    "r50k_base": "gpt2/r50k_base.tiktoken",
    "cl100k_base": "tokenizers/cl100k_base.tiktoken",
    "o200k_base": "tokenizers/o200k_base.tiktoken",
}


def read_texts():
    data = open("tests/golden/tokenizer_models/texts.bin", "rb").read()
    (count,), at, texts = struct.unpack_from("<I", data), 4, []
    for _ in range(count):
        (size,) = struct.unpack_from("<I", data, at)
        texts.append(data[at + 4:at + 4 + size].decode())
        at += 4 + size
    return texts


def golden_texts():
    """JavaScript joins them the same way: tests/js/real_tokenizers.test.js."""
    texts = read_texts()
    return texts[:500] + ["".join(texts[i % len(texts)] for i in range(7 * n, 7 * n + 11)) for n in range(200)]


def fnv(values):
    h = 0x811C9DC5
    for value in values:
        for shift in (0, 8, 16, 24):
            h = (h ^ (value >> shift & 0xFF)) * 0x01000193 & 0xFFFFFFFF
    return h


def of_file(path, texts):
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    for text in texts:
        units = [0]
        for c in text:
            units.append(units[-1] + (2 if ord(c) > 0xFFFF else 1))
        encoding = tokenizer.encode(text)
        values = [len(encoding.ids), *encoding.ids, *(units[p] for pair in encoding.offsets for p in pair)]
        for skip in (True, False):
            values += tokenizer.decode(encoding.ids, skip_special_tokens=skip).encode()
        yield fnv(values)


def of_ranks(name, path, texts):
    # The definitions would load their files from the network: these are the same.
    openai_public.load_tiktoken_bpe = lambda *_, **__: {}
    pattern = getattr(openai_public, name)()["pat_str"]
    encoding = tiktoken.Encoding(name, pat_str=pattern, mergeable_ranks=load_tiktoken_bpe(str(path)), special_tokens={})
    for text in texts:
        ids = encoding.encode_ordinary(text)
        values = list(encoding.decode(ids).encode())
        yield fnv([len(ids), *ids, *values, *values])


def main():
    texts = golden_texts()
    result = json.loads(OUT.read_text()) if OUT.exists() else {"cases": {}}
    result["versions"] = {"tokenizers": tokenizers.__version__, "tiktoken": tiktoken.__version__}
    for name, file in {**FILES, **RANKS}.items():
        if not wanted(name):
            continue
        hashes = list(of_ranks(name, DATA / file, texts) if name in RANKS else of_file(DATA / file, texts))
        packed = base64.b64encode(struct.pack(f"<{len(hashes)}I", *hashes)).decode()
        result["cases"][name] = {"file": file, "ranks": name in RANKS, "hashes": packed}
    OUT.write_text(json.dumps(result) + "\n")
    finish()


main()
