"""Golden ids of real tokenizer files in ../shared/data, by hash: what tokenizers, transformers, sentencepiece and tiktoken
give for 700 texts.

    python tools/golden/real_tokenizers.py [NAME ...]   (tokenizers, transformers, sentencepiece, tiktoken, gguf; ../shared/data)

Writes tests/golden/real_tokenizers.json: for each case its file and, in base64, a u32 for each text: FNV-1a over u32s,
of the number of ids, the ids, and with tokenizers the UTF-16 begin and end of each, then the bytes of the decoded text
without and with special tokens; 0 where the reference is not asked. A GGUF file's reference is made of its vocabulary, its
merges, and llama.cpp's patterns (src/llama-vocab.cpp) for its `pre`. The texts: the first 500 of tests/golden/tokenizer_models/texts.bin, then 200 of
texts.py that are joined to longer ones.
"""
import base64
import json
import pathlib
import struct

import gguf
import sentencepiece
import tiktoken
import tiktoken_ext.openai_public as openai_public
import tokenizers
import transformers
from tiktoken.load import load_tiktoken_bpe
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers

from golden_file import finish, wanted

DATA = pathlib.Path("../shared/data")
OUT = pathlib.Path("tests/golden/real_tokenizers.json")
FILES = {
    "phi-2": "tokenizers/phi-2.tokenizer.json",
    "potion WordPiece": "model2vec/test-model-float32/tokenizer.json",
    "potion Unigram": "model2vec/test-model-vocab-quantized/tokenizer.json",
}
WHISPER = {"Whisper": "tokenizers/whisper-large-v3"}
SENTENCE_PIECE = {"Mistral": "tokenizers/mistral-v3.tokenizer.model"}
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
GGUF = {
    "DeepSeek Coder GGUF": ("tokenizers/ggml-vocab-deepseek-coder.gguf", [
        r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", "[一-龥ࠀ-一가-\ud7ff]+", r"\p{N}"]),
    "StarCoder GGUF": ("tokenizers/ggml-vocab-starcoder.gguf", [r"\p{N}", GPT2]),
    "GPT-NeoX GGUF": ("tokenizers/ggml-vocab-gpt-neox.gguf", [
        r"[\p{P}\$\+<=>\^~\|]+", GPT2, r"\p{N}+", "[0-9][0-9][0-9]"]),
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


def of_tokenizer(tokenizer, texts):
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


def gguf_tokenizer(path, patterns):
    fields = gguf.GGUFReader(str(path)).fields
    words = lambda key: [bytes(fields[f"tokenizer.ggml.{key}"].parts[i]).decode() for i in fields[f"tokenizer.ggml.{key}"].data]
    tokens, merges = words("tokens"), words("merges")
    types = [int(fields["tokenizer.ggml.token_type"].parts[i][0]) for i in fields["tokenizer.ggml.token_type"].data]
    vocab = {token: id for id, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocab, [tuple(merge.split(" ")) for merge in merges]))
    splits = [pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in patterns]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [*splits, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    control, user_defined, unknown = gguf.TokenType.CONTROL, gguf.TokenType.USER_DEFINED, gguf.TokenType.UNKNOWN
    for token, type in zip(tokens, types):
        if type in (control, user_defined, unknown):
            tokenizer.add_tokens([AddedToken(token, special=type != user_defined, normalized=False)])
    return tokenizer


def of_sentencepiece(path, texts):
    processor = sentencepiece.SentencePieceProcessor(model_file=str(path))
    size = processor.get_piece_size()
    control = [processor.id_to_piece(i) for i in range(size) if processor.is_control(i) or processor.is_unknown(i)]
    for text in texts:
        if any(piece in text for piece in control):  # special tokens to a Tokenizer, characters here
            yield 0
            continue
        ids = processor.encode(text)
        decoded = list(processor.decode(ids).encode())
        yield fnv([len(ids), *ids, *decoded, *decoded])


def of_ranks(name, path, texts):
    # The definitions would load their files from the network: these are the same.
    openai_public.load_tiktoken_bpe = lambda *_, **__: {}
    pattern = getattr(openai_public, name)()["pat_str"]
    encoding = tiktoken.Encoding(name, pat_str=pattern, mergeable_ranks=load_tiktoken_bpe(str(path)), special_tokens={})
    for text in texts:
        ids = encoding.encode_ordinary(text)
        values = list(encoding.decode(ids).encode())
        yield fnv([len(ids), *ids, *values, *values])


def references(texts):
    """Name, file, what the test is to know, hashes."""
    for name, file in FILES.items():
        yield name, file, {}, lambda: of_tokenizer(Tokenizer.from_file(str(DATA / file)), texts)
    for name, file in RANKS.items():
        yield name, file, {"ranks": True}, lambda: of_ranks(name, DATA / file, texts)
    for name, file in WHISPER.items():
        tokenizer = lambda: transformers.WhisperTokenizer.from_pretrained(str(DATA / file))
        yield name, file, {}, lambda: of_tokenizer(tokenizer().backend_tokenizer, texts)
    for name, (file, patterns) in GGUF.items():
        yield name, file, {"plain": True}, lambda: of_tokenizer(gguf_tokenizer(DATA / file, patterns), texts)
    for name, file in SENTENCE_PIECE.items():
        yield name, file, {"plain": True, "spans": False}, lambda: of_sentencepiece(DATA / file, texts)


def main():
    texts = golden_texts()
    result = json.loads(OUT.read_text()) if OUT.exists() else {"cases": {}}
    packages = (tokenizers, tiktoken, transformers, sentencepiece)
    result["versions"] = {package.__name__: package.__version__ for package in packages}
    for name, file, settings, hashes in references(texts):
        if not wanted(name):
            continue
        values = list(hashes())
        packed = base64.b64encode(struct.pack(f"<{len(values)}I", *values)).decode()
        result["cases"][name] = {"file": file, "ranks": False, **settings, "hashes": packed}
    OUT.write_text(json.dumps(result) + "\n")
    finish()


main()
