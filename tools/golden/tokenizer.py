"""Golden values for whole tokenizers: ids, offsets and decoded text as HF `tokenizers` gives them.

Trains small tokenizers of every kind on the words of texts.py and writes, for each, to tests/golden/tokenizer/:
  NAME.json.gz  the tokenizer.json          NAME.spec  what web/tokenizer/compile.js makes of it
  NAME.hashes   u32 for each text of tests/golden/tokenizer_models/texts.bin: FNV-1a over u32s, of
                number of ids, ids, UTF-16 begin and end of each, then the bytes of the decoded text (special tokens out)
Run from the project root:

    python tools/golden/tokenizer.py [NAME ...]     (tokenizers; needs node)
"""
import gzip
import json
import random
import struct
import subprocess

import tokenizers
from tokenizers import (AddedToken, Regex, Tokenizer, decoders as D, models as M, normalizers as N,
                        pre_tokenizers as P, processors as PP, trainers as T)

from golden_file import finish, known, wanted, write_versions
from texts import WORDS, varied_texts

OUT = "tests/golden/tokenizer/"
LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
          r"|\s+(?!\S)|\s+")
QUIET = dict(show_progress=False)


def corpus():
    rng = random.Random(11)
    lines = [" ".join(rng.choice(WORDS) for _ in range(12)) for _ in range(1500)]
    return lines + varied_texts(1500, seed=5)


def word_piece(normalizer, pre_tokenizer, special=("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")):
    t = Tokenizer(M.WordPiece(unk_token="[UNK]"))
    t.normalizer, t.pre_tokenizer = normalizer, pre_tokenizer
    t.train_from_iterator(corpus(), T.WordPieceTrainer(vocab_size=2500, special_tokens=list(special), **QUIET))
    t.decoder = D.WordPiece(cleanup=True)
    t.post_processor = PP.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return t


def byte_level(pre_tokenizer, post, special=("<|endoftext|>", "<s>", "</s>")):
    t = Tokenizer(M.BPE())
    t.pre_tokenizer = pre_tokenizer
    t.train_from_iterator(corpus(), T.BpeTrainer(vocab_size=2000, initial_alphabet=P.ByteLevel.alphabet(),
                                                 special_tokens=list(special), **QUIET))
    t.decoder, t.post_processor = D.ByteLevel(), post
    return t


def llama():
    t = Tokenizer(M.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    t.normalizer = N.Sequence([N.Prepend("▁"), N.Replace(" ", "▁")])
    special = ["<unk>", "<s>", "</s>"] + [f"<0x{i:02X}>" for i in range(256)]
    t.train_from_iterator(corpus(), T.BpeTrainer(vocab_size=2000, special_tokens=special, **QUIET))
    t.decoder = D.Sequence([D.Replace("▁", " "), D.ByteFallback(), D.Fuse(), D.Strip(" ", 1, 0)])
    t.post_processor = PP.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return t


def unigram():
    t = Tokenizer(M.Unigram())
    t.normalizer = N.Sequence([N.NFKC(), N.Replace(Regex(" {2,}"), " ")])
    t.pre_tokenizer, t.decoder = P.Metaspace(), D.Metaspace()
    t.train_from_iterator(corpus()[:1500], T.UnigramTrainer(vocab_size=1000, special_tokens=["<unk>", "<s>"],
                                                     unk_token="<unk>", **QUIET))
    return t


def added():
    t = word_piece(N.BertNormalizer(), P.BertPreTokenizer())
    t.add_tokens([AddedToken("dog", single_word=True), AddedToken(" king ", normalized=True),
                  AddedToken("Café", normalized=True), AddedToken("th", lstrip=True),
                  AddedToken("the time", rstrip=True, normalized=False)])
    t.add_special_tokens([AddedToken("<s>", lstrip=True, rstrip=True)])
    return t


def kinds():
    bert = P.BertPreTokenizer
    yield "bert", lambda: word_piece(N.BertNormalizer(), bert())
    yield "bert_cased", lambda: word_piece(N.BertNormalizer(lowercase=False), bert())
    yield "bert_plain", lambda: word_piece(N.BertNormalizer(False, False, False, True), bert())
    for name in ("NFC", "NFD", "NFKC", "NFKD"):
        form = N.Sequence([getattr(N, name)(), N.Lowercase(), N.StripAccents()])
        yield name.lower(), lambda: word_piece(form, P.Whitespace())
    steps = P.Sequence([P.WhitespaceSplit(), P.Punctuation("contiguous"), P.Digits(True)])
    yield "digits", lambda: word_piece(N.Strip(), steps)
    yield "added", lambda: added()
    roberta = PP.RobertaProcessing(("</s>", 2), ("<s>", 1), trim_offsets=True, add_prefix_space=True)
    yield "gpt2", lambda: byte_level(P.ByteLevel(add_prefix_space=True), roberta)
    split = P.Sequence([P.Split(Regex(LLAMA3), "isolated"), P.ByteLevel(add_prefix_space=False, use_regex=False)])
    yield "llama3", lambda: byte_level(split, PP.ByteLevel(trim_offsets=False))
    yield "llama", lambda: llama()
    yield "unigram", lambda: unigram()


def read_texts():
    data = open("tests/golden/tokenizer_models/texts.bin", "rb").read()
    (count,), at, texts = struct.unpack_from("<I", data), 4, []
    for _ in range(count):
        (size,) = struct.unpack_from("<I", data, at)
        texts.append(data[at + 4:at + 4 + size].decode())
        at += 4 + size
    return texts


def fnv(values):
    h = 0x811C9DC5
    for value in values:
        for shift in (0, 8, 16, 24):
            h = (h ^ (value >> shift & 0xFF)) * 0x01000193 & 0xFFFFFFFF
    return h


def golden(t, text, encoding):
    units = [0]
    for c in text:
        units.append(units[-1] + (2 if ord(c) > 0xFFFF else 1))
    values = [len(encoding.ids), *encoding.ids]
    values += [units[p] for pair in encoding.offsets for p in pair]
    return fnv(values + list(t.decode(encoding.ids).encode()))


def compile_spec(name):
    script = ("import { compileTokenizer } from './web/tokenizer/compile.js'; import fs from 'node:fs';"
              "import { compatibilityTable } from './web/tokenizer/compatibility.js';"
              "import { graphemeRanges } from './web/tokenizer/graphemes.js';"
              "import * as rare from './web/tokenizer/rare_parts.js';"
              "const tables = { rare, compatibility: compatibilityTable(), graphemes: graphemeRanges() };"
              "import zlib from 'node:zlib';"
              f"const json = JSON.parse(zlib.gunzipSync(fs.readFileSync('{OUT}{name}.json.gz')));"
              "const result = compileTokenizer(json, undefined, tables);"
              f"fs.writeFileSync('{OUT}{name}.spec', result.spec);")
    subprocess.run(["node", "--input-type=module", "-e", script], check=True)


def main():
    texts = read_texts()
    for name, make in kinds():
        if not wanted(name):
            continue
        t = make()
        with open(f"{OUT}{name}.json.gz", "wb") as out:
            out.write(gzip.compress(t.to_str().encode(), 9, mtime=0))
        compile_spec(name)
        hashes = [golden(t, text, e) for text, e in zip(texts, t.encode_batch(texts))]
        with open(f"{OUT}{name}.hashes", "wb") as out:
            out.write(struct.pack(f"<{len(hashes)}I", *hashes))
    write_versions(f"{OUT}versions.json", known, tokenizers=tokenizers.__version__, texts=len(texts))
    finish()


main()
