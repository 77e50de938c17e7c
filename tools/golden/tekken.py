"""Golden ids of a tekken.json: what mistral-common gives.

    python tools/golden/tekken.py [tekken] [tekken_files]     (mistral-common)

Writes tests/golden/vocab_files/tekken.json.gz and tekken.hashes, as vocab_files.py says, of the ranks of its case
tiktoken_o200k_base: run that first. And tests/golden/tekken_files.json: small files, each usual but in one thing, with the
ids that mistral-common gives, or null where it refuses.
"""
import base64
import gzip
import json
import pathlib
import struct
import tempfile

import mistral_common
from mistral_common.tokens.tokenizers.tekken import Tekkenizer

from golden_file import finish, wanted

OUT = pathlib.Path(__file__).resolve().parents[2] / "tests/golden/vocab_files"
TEXTS = OUT.parent / "tokenizer_models/texts.bin"
PATTERN = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
           r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
           r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
SPECIAL = 20  # mistral-common has fourteen of its own


def fnv(values):
    h = 0x811C9DC5
    for value in values:
        for byte in struct.pack("<I", value):
            h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
    return h or 1


def read_texts():
    data, at, texts = TEXTS.read_bytes(), 4, []
    for _ in range(struct.unpack_from("<I", data)[0]):
        (size,) = struct.unpack_from("<I", data, at)
        texts.append(data[at + 4 : at + 4 + size].decode())
        at += 4 + size
    return texts[::4]


def tekken():
    """The bytes come first, in order, as mistral-common wants them; the other tokens as they were ranked."""
    ranks = json.loads(gzip.decompress((OUT / "tiktoken_o200k_base.json.gz").read_bytes()))["files"]["x.tiktoken"]
    tokens = [base64.b64decode(line.split()[0]) for line in ranks.splitlines()]
    tokens = [*(bytes([b]) for b in range(256)), *(token for token in tokens if len(token) > 1)]
    vocab = []
    for rank, token in enumerate(tokens):
        text = token.decode(errors="replace")
        vocab.append({"rank": rank, "token_bytes": base64.b64encode(token).decode(), "token_str": None if "\ufffd" in text else text})
    config = {"pattern": PATTERN, "num_vocab_tokens": len(vocab), "default_vocab_size": len(vocab) - 50 + SPECIAL,
              "default_num_special_tokens": SPECIAL, "version": "v3"}
    return json.dumps({"config": config, "vocab": vocab})


def hashes_of(path, texts):
    tokenizer = Tekkenizer.from_file(str(path))
    special = [tokenizer.id_to_piece(i) for i in range(tokenizer.num_special_tokens)]
    for text in texts:
        if any(token in text for token in special):  # special tokens to a Tokenizer, characters here
            yield 0
            continue
        ids = tokenizer.encode(text, bos=False, eos=False)
        yield fnv([len(ids), *ids])


def token(rank, spelled):
    text = spelled.decode(errors="replace")
    return {"rank": rank, "token_bytes": base64.b64encode(spelled).decode(), "token_str": None if "\ufffd" in text else text}


def small_files():
    """What is changed in each file: members of config, tokens of the vocabulary by rank, the special tokens."""
    def special(*names):
        return [{"rank": i, "token_str": name, "is_control": True} for i, name in enumerate(names)]

    def swapped(left, right):
        return {"vocab": {left: token(left, bytes([right])), right: token(right, bytes([left]))}}

    usual = ["<unk>", "<s>", "</s>"]
    yield "as usual", {}
    yield "special tokens by name", {"special": special(*usual, "[INST]")}
    yield "no special tokens listed", {"special": special()}
    yield "a special token twice", {"special": special(*usual, "</s>")}
    yield "the first twice", {"special": special("<s>", "<s>", "</s>")}
    yield "the name of one that is filled in", {"special": special(*usual, "<SPECIAL_7>")}
    yield "the name that it would be filled in with", {"special": special(*usual, "<SPECIAL_3>")}
    yield "the name of one that is not filled in", {"special": special(*usual, "<SPECIAL_99>")}
    yield "no <s>", {"special": special("<unk>", "</s>")}
    yield "as many special tokens as there are to be", {"special": special(*usual, *(f"[{i}]" for i in range(17)))}
    yield "more special tokens than there are to be", {"special": special(*usual, *(f"[{i}]" for i in range(18)))}
    yield "fewer than the usual ones", {"config": {"default_num_special_tokens": 19}}
    yield "two bytes swapped", swapped(65, 66)
    yield "the first byte and the last swapped", swapped(0, 255)
    yield "a byte that is two", {"vocab": {65: token(65, b"AB")}}
    yield "a byte and a token swapped", {"vocab": {65: token(65, b"ab"), 256: token(256, b"A")}}
    yield "an empty pattern", {"config": {"pattern": ""}}


def changed(change):
    config = {"pattern": PATTERN, "num_vocab_tokens": 260, "default_vocab_size": 280, "default_num_special_tokens": SPECIAL,
              "version": "v3", **change.get("config", {})}  # fmt: skip
    vocab = [token(i, bytes([i])) for i in range(256)] + [token(256 + i, t) for i, t in enumerate([b"ab", b"abc", b" a", b" ab"])]
    for rank, other in change.get("vocab", {}).items():
        vocab[rank] = other
    return {"config": config, "vocab": vocab, **({"special_tokens": change["special"]} if "special" in change else {})}


def small_ids(path):
    try:
        return Tekkenizer.from_file(str(path)).encode("abc ab ABA\u00e9 \u0000", bos=True, eos=False)
    except (AssertionError, ValueError, KeyError):
        return None
    except BaseException as error:  # tiktoken's, of an empty pattern
        if type(error).__name__ != "PanicException":
            raise
        return None


def write_small():
    found = []
    for name, change in small_files():
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "tekken.json"
            path.write_text(json.dumps(changed(change)))
            found.append({"name": name, "change": change, "ids": small_ids(path)})
    payload = {"same": f"mistral-common {mistral_common.__version__}", "usual": changed({}), "cases": found}
    (OUT.parent / "tekken_files.json").write_text(json.dumps(payload) + "\n")


def main():
    if wanted("tekken_files"):
        write_small()
    if wanted("tekken"):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "tekken.json"
            path.write_text(tekken())
            hashes = list(hashes_of(path, read_texts()))
            payload = {"files": {"tekken.json": path.read_text()}, "same": f"mistral-common {mistral_common.__version__}"}
        (OUT / "tekken.json.gz").write_bytes(gzip.compress(json.dumps(payload).encode(), 9, mtime=0))
        (OUT / "tekken.hashes").write_bytes(struct.pack(f"<{len(hashes)}I", *hashes))
    finish()


main()
