"""Golden ids of tokenizers that are no tokenizer.json: what transformers, tiktoken and sentencepiece give.

    python tools/golden/vocab_files.py [NAME ...]     (transformers, tokenizers, tiktoken, sentencepiece; ../shared/data/corpora)

Writes tests/golden/vocab_files/:
  <case>.json.gz   {"files": {name: text, or {"base64": bytes}}, "encoding": tiktoken's, "same": reference}
  <case>.hashes    for every fourth text of tests/golden/tokenizer_models/texts.bin a u32: FNV-1a over the u32s n, id, id, …
                   with special tokens; 0 where the reference is not asked (control tokens in a text for sentencepiece)
  <case>.pairs.hashes  the same of every twentieth of these texts with the next one, where transformers is the reference
  spm_nfkc.rust.hashes  the same model in a tokenizer.json: n, ids, then the ends of each span in UTF-16 units
  versions.json
The vocabularies are trained here, on public domain texts; no model's files are copied. The WordPiece trainer breaks ties by
chance: saved_models.py, which uses its vocabulary, is to be run after this.
"""

import base64
import gzip
import json
import pathlib
import struct
import tempfile
from importlib.metadata import version

import sentencepiece
import tiktoken
import tiktoken_ext.openai_public as openai_public
from sentencepiece import sentencepiece_model_pb2
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
import transformers
from transformers import BertTokenizerFast, GPT2TokenizerFast, Qwen2TokenizerFast, RobertaTokenizerFast

from golden_file import finish, known, wanted, write_versions

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "tests/golden/vocab_files"
CORPORA = ROOT.parent / "shared/data/corpora"
SENTENCE = "And God said, Let there be light"


def fnv(values):
    h = 0x811C9DC5
    for value in values:
        for byte in struct.pack("<I", value):
            h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
    return h or 1


def read_texts():
    data = (ROOT / "tests/golden/tokenizer_models/texts.bin").read_bytes()
    (count,) = struct.unpack_from("<I", data)
    texts, at = [], 4
    for _ in range(count):
        (size,) = struct.unpack_from("<I", data, at)
        texts.append(data[at + 4 : at + 4 + size].decode())
        at += 4 + size
    return texts[::4]


def lines():
    names = ["genesis_kjv.txt", "state_union.txt", "inaugural.txt"]
    text = "\n".join((CORPORA / name).read_text(encoding="utf-8", errors="ignore") for name in names)
    return [line for line in text.split("\n") if line.strip()][:6000] + ["über Zürich café naïve 日本語 中文 привет мир"] * 40


def write(name, files, encode, texts, **more):
    if not wanted(name):
        return
    packed = {k: v if isinstance(v, str) else {"base64": base64.b64encode(v).decode()} for k, v in files.items()}
    payload = json.dumps({"files": packed, **more}, ensure_ascii=True).encode()
    (OUT / f"{name}.json.gz").write_bytes(gzip.compress(payload, 9, mtime=0))
    hashes = []
    for text in texts:
        ids = encode(text)
        hashes.append(0 if ids is None else fnv([len(ids), *ids]))
    (OUT / f"{name}.hashes").write_bytes(struct.pack(f"<{len(hashes)}I", *hashes))
    print(name, len(payload), (OUT / f"{name}.json.gz").stat().st_size, hashes.count(0))


def of_files(cls, files):
    with tempfile.TemporaryDirectory() as folder:
        for file, content in files.items():
            (pathlib.Path(folder) / file).write_bytes(content if isinstance(content, bytes) else content.encode())
        return cls.from_pretrained(folder)


def with_transformers(name, cls, files, texts):
    if not wanted(name):
        return
    tokenizer = of_files(cls, files)
    decoded = tokenizer.decode(tokenizer(SENTENCE)["input_ids"], skip_special_tokens=True)
    same = {"same": f"transformers {cls.__name__}", "decoded": decoded}
    write(name, files, lambda text: tokenizer(text)["input_ids"], texts, **same)


def pairs(texts):
    """Of every case that transformers is the reference of, from the files that are written."""
    for path in sorted(OUT.glob("*.json.gz")):
        name = path.name.removesuffix(".json.gz")
        case = json.loads(gzip.decompress(path.read_bytes()))
        if not case["same"].startswith("transformers ") or not wanted(name):
            continue
        files = {k: v if isinstance(v, str) else base64.b64decode(v["base64"]) for k, v in case["files"].items()}
        tokenizer = of_files(getattr(transformers, case["same"].split()[1]), files)
        ids = [tokenizer(texts[i], texts[i + 1])["input_ids"] for i in range(0, len(texts) - 1, 20)]
        hashes = [fnv([len(each), *each]) for each in ids]
        (OUT / f"{name}.pairs.hashes").write_bytes(struct.pack(f"<{len(hashes)}I", *hashes))


def bert_cases(texts):
    def vocab(lowercase):
        tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        tokenizer.train_from_iterator(lines(), trainers.WordPieceTrainer(vocab_size=1200, special_tokens=special))
        ids = tokenizer.get_vocab()
        return sorted(ids, key=ids.get)

    def config(**settings):
        return json.dumps({"tokenizer_class": "BertTokenizer", **settings})

    lower, cased = vocab(True), vocab(False)
    text = "\n".join(lower) + "\n"
    with_transformers("bert", BertTokenizerFast, {"vocab.txt": text}, texts)
    files = {"vocab.txt": "\n".join(cased) + "\n", "tokenizer_config.json": config(do_lower_case=False)}
    with_transformers("bert_cased", BertTokenizerFast, files, texts)
    settings = config(do_lower_case=True, strip_accents=False, tokenize_chinese_chars=False)
    with_transformers("bert_accents", BertTokenizerFast, {"vocab.txt": text, "tokenizer_config.json": settings}, texts)
    # CRLF, white space at lines' ends, a line twice, an empty one, no line end at the last.
    odd = [*lower, "twice", "", "spaced  ", "wide\u3000", "next\u0085", "\ufeff", "twice", "last"]
    with_transformers("bert_odd", BertTokenizerFast, {"vocab.txt": "\r\n".join(odd)}, texts)
    files = {
        "vocab.txt": text,
        "tokenizer_config.json": config(cls_token="[cls]", unk_token="[UNK]"),
        "special_tokens_map.json": json.dumps({"sep_token": "[SEP]", "cls_token": {"content": "[CLS]", "lstrip": True}}),
        "added_tokens.json": json.dumps({"ſt": len(lower), "<unk>": len(lower) + 1}),
    }
    with_transformers("bert_added", BertTokenizerFast, files, texts)


def byte_level_files(special, pattern=None):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=900, special_tokens=special, initial_alphabet=alphabet)
    tokenizer.train_from_iterator(lines(), trainer)
    model = json.loads(tokenizer.to_str())["model"]
    merges = "#version: 0.2\n" + "\n".join(" ".join(merge) for merge in model["merges"]) + "\n"
    return {"vocab.json": json.dumps(model["vocab"]), "merges.txt": merges}


def byte_level_cases(texts):
    def config(name, **settings):
        return {"tokenizer_config.json": json.dumps({"tokenizer_class": name, **settings})}

    gpt2 = byte_level_files(["<|endoftext|>"])
    with_transformers("gpt2", GPT2TokenizerFast, gpt2, texts)
    settings = config("GPT2Tokenizer", add_prefix_space=True, add_bos_token=True)
    with_transformers("gpt2_prefix", GPT2TokenizerFast, {**gpt2, **settings}, texts)
    decoder = {
        "900": {"content": "<|im_start|>", "lstrip": False, "rstrip": False, "single_word": False, "normalized": False, "special": True},
        "901": {"content": "<unk>", "lstrip": True, "rstrip": True, "single_word": False, "normalized": False, "special": False},
    }
    settings = config("Qwen2Tokenizer", added_tokens_decoder=decoder, pad_token="<|endoftext|>", unk_token=None)
    with_transformers("qwen2", Qwen2TokenizerFast, {**gpt2, **settings}, texts)
    roberta = byte_level_files(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    with_transformers("roberta", RobertaTokenizerFast, roberta, texts)
    settings = config("RobertaTokenizer", add_prefix_space=True)
    with_transformers("roberta_prefix", RobertaTokenizerFast, {**roberta, **settings}, texts)


def family_cases(texts):
    """Classes with a pre-tokenizer, a suffix or a template of their own."""

    def case(name, cls, special, model=None, **settings):
        files = byte_level_files(special) if model is None else bpe_files(special, **model)
        config = json.dumps({"tokenizer_class": cls, **settings})
        with_transformers(name, getattr(transformers, cls), {**files, "tokenizer_config.json": config}, texts)

    end = "<|endoftext|>"
    whisper = [end, "<|startoftranscript|>", "<|en|>", "<|zh|>", "<|de|>", "<|translate|>", "<|transcribe|>", "<|notimestamps|>", "<|0.00|>"]
    case("whisper", "WhisperTokenizer", whisper)
    case("whisper_task", "WhisperTokenizer", whisper, language="de", task="translate", predict_timestamps=True)
    suffix = {"normalizer": normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()]), "suffix": "</w>"}
    case("clip", "CLIPTokenizer", ["<|startoftext|>", end], {**suffix, "pre": pre_tokenizers.ByteLevel(add_prefix_space=False)})
    words = {"suffix": "</w>", "pre": pre_tokenizers.BertPreTokenizer()}
    case("herbert", "HerbertTokenizer", ["<s>", "<pad>", "</s>", "<unk>", "<mask>"], words)
    lower = normalizers.BertNormalizer(lowercase=True)
    case("openai_gpt", "OpenAIGPTTokenizer", ["<unk>"], {**words, "normalizer": lower})
    case("gpt_neox", "GPTNeoXTokenizer", [end, "<|padding|>"])
    case("cohere", "CohereTokenizer", ["<BOS_TOKEN>", "<UNK>"])
    case("deberta", "DebertaTokenizer", ["[CLS]", "[SEP]", "[UNK]", "[PAD]", "[MASK]"])
    case("mvp", "MvpTokenizer", ["<s>", "<pad>", "</s>", "<unk>", "<mask>"])


def bpe_files(special, pre, suffix, normalizer=None):
    """vocab.json and merges.txt of words that end in a suffix."""
    tokenizer = Tokenizer(models.BPE())
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre
    alphabet = pre_tokenizers.ByteLevel.alphabet() if isinstance(pre, pre_tokenizers.ByteLevel) else []
    trainer = trainers.BpeTrainer(
        vocab_size=1200, special_tokens=special, initial_alphabet=alphabet, end_of_word_suffix=suffix, show_progress=False
    )
    tokenizer.train_from_iterator(lines(), trainer)
    model = json.loads(tokenizer.to_str())["model"]
    merges = "#version: 0.2\n" + "\n".join(" ".join(merge) for merge in model["merges"]) + "\n"
    return {"vocab.json": json.dumps(model["vocab"]), "merges.txt": merges}


def tiktoken_cases(texts):
    # The definitions need their files from the network; only the patterns are wanted.
    openai_public.load_tiktoken_bpe = lambda *_, **__: {}
    to_byte = {v: k for k, v in bytes_to_unicode().items()}
    tokenizer = json.loads(byte_level_files([])["vocab.json"])
    ordered = sorted(tokenizer, key=tokenizer.get)
    ranks = {bytes(to_byte[c] for c in token): i for i, token in enumerate(ordered)}
    file = "".join(f"{base64.b64encode(token).decode()} {rank}\n" for token, rank in ranks.items())
    for name in ["r50k_base", "cl100k_base", "o200k_base"]:
        pattern = getattr(openai_public, name)()["pat_str"]
        encoding = tiktoken.Encoding(name, pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
        write(f"tiktoken_{name}", {"x.tiktoken": file}, encoding.encode_ordinary, texts, encoding=name, same="tiktoken")
    # moonshotai/Kimi-K2, tokenization_kimi.py
    letters, more = r"\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]", r"\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]"
    start, end = r"[^\r\n\p{L}\p{N}]?", r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    parts = [r"[\p{Han}]+", f"{start}[{letters}]*[{more}]+{end}", f"{start}[{letters}]+[{more}]*{end}", r"\p{N}{1,3}"]
    pattern = "|".join([*parts, r" ?[^\s\p{L}\p{N}]+[\r\n]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+"])
    encoding = tiktoken.Encoding("kimi", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
    write("tiktoken_kimi", {"x.tiktoken": file}, encoding.encode_ordinary, texts, encoding="kimi", same="tiktoken")


def bytes_to_unicode():
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = [b for b in range(256) if b not in printable]
    return {b: chr(b) for b in printable} | {b: chr(256 + i) for i, b in enumerate(rest)}


def sentencepiece_cases(texts):
    with tempfile.TemporaryDirectory() as folder:
        corpus = pathlib.Path(folder) / "corpus.txt"
        corpus.write_text("\n".join(lines()), encoding="utf-8")

        def case(name, control, **options):
            if not wanted(name):
                return
            prefix = str(pathlib.Path(folder) / name)
            sentencepiece.SentencePieceTrainer.train(
                input=str(corpus), model_prefix=prefix, num_threads=1, minloglevel=2, input_sentence_size=3000,
                shuffle_input_sentence=False, hard_vocab_limit=False, **options,
            )  # fmt: skip
            proto = sentencepiece_model_pb2.ModelProto.FromString(pathlib.Path(prefix + ".model").read_bytes())
            proto.trainer_spec.ClearField("input")  # paths of this machine
            proto.trainer_spec.ClearField("model_prefix")
            model = proto.SerializeToString()
            processor = sentencepiece.SentencePieceProcessor(model_proto=model)

            def encode(text):
                return None if any(token in text for token in control) else processor.encode(text)

            write(name, {"tokenizer.model": model}, encode, texts, same="sentencepiece")

        plain = {"normalization_rule_name": "identity", "remove_extra_whitespaces": False}
        control = ["<unk>", "<s>", "</s>", "<pad>"]
        case("spm_llama", control, model_type="bpe", vocab_size=800, byte_fallback=True, **plain)
        case("spm_gemma", control, model_type="bpe", vocab_size=800, byte_fallback=True, add_dummy_prefix=False,
             user_defined_symbols=["▁▁", "▁▁▁", "<table>", "\n\n"], **plain)  # fmt: skip
        # transformers finds byte pieces in text, too; sentencepiece does not.
        case("spm_unigram", [*control, "<0x"], model_type="unigram", vocab_size=700, byte_fallback=True, **plain)
        case("spm_bpe_unk", control, model_type="bpe", vocab_size=800, normalization_rule_name="identity")
        case("spm_nfkc", control, model_type="unigram", vocab_size=700)
        if wanted("spm_nfkc"):
            precompiled_case((pathlib.Path(folder) / "spm_nfkc.model").read_bytes(), texts)


def sentencepiece_class_cases(texts):
    """transformers' classes that use a SentencePiece model in their own way."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = pathlib.Path(folder) / "corpus.txt"
        corpus.write_text("\n".join(lines()), encoding="utf-8")

        def case(name, cls, file, settings=None, **options):
            if not wanted(name):
                return
            prefix = str(pathlib.Path(folder) / name)
            sentencepiece.SentencePieceTrainer.train(
                input=str(corpus), model_prefix=prefix, num_threads=1, minloglevel=2, input_sentence_size=3000,
                shuffle_input_sentence=False, hard_vocab_limit=False, vocab_size=700, **options,
            )  # fmt: skip
            proto = sentencepiece_model_pb2.ModelProto.FromString(pathlib.Path(prefix + ".model").read_bytes())
            proto.trainer_spec.ClearField("input")  # paths of this machine
            proto.trainer_spec.ClearField("model_prefix")
            config = json.dumps({"tokenizer_class": cls, **(settings or {})})
            files = {file: proto.SerializeToString(), "tokenizer_config.json": config}
            with_transformers(name, getattr(transformers, cls), files, texts)

        plain = {"normalization_rule_name": "identity", "remove_extra_whitespaces": False}
        square = {"pad_id": 0, "unk_id": 1, "bos_id": -1, "eos_id": -1, "control_symbols": ["[CLS]", "[SEP]", "[MASK]"]}
        square["user_defined_symbols"] = ["(", ")", "-"]
        case("xlm_roberta", "XLMRobertaTokenizer", "sentencepiece.bpe.model")
        case("camembert", "CamembertTokenizer", "sentencepiece.bpe.model", **plain)
        case("albert", "AlbertTokenizer", "spiece.model", **square, **plain)
        case("albert_cased", "AlbertTokenizer", "spiece.model", {"do_lower_case": False, "keep_accents": True}, **square, **plain)
        ends = {"pad_id": 0, "bos_id": 1, "eos_id": 2, "unk_id": 3, "pad_piece": "[PAD]", "bos_piece": "[CLS]"}
        ends.update(eos_piece="[SEP]", unk_piece="[UNK]")
        case("deberta_v2", "DebertaV2Tokenizer", "spm.model", **ends, **plain)
        symbols = ["<cls>", "<sep>", "<pad>", "<mask>", "<eod>", "<eop>"]
        case("xlnet", "XLNetTokenizer", "spiece.model", unk_id=0, bos_id=1, eos_id=2, control_symbols=symbols, **plain)
        languages = {"additional_special_tokens": ["eng_Latn", "deu_Latn"], "src_lang": "deu_Latn"}
        case("nllb", "NllbTokenizer", "sentencepiece.bpe.model", languages, model_type="bpe", **plain)
        case("t5", "T5Tokenizer", "spiece.model", pad_id=0, eos_id=1, bos_id=-1, unk_id=2, **plain)
        bytes_too = {"model_type": "bpe", "byte_fallback": True, **plain}
        case("llama", "LlamaTokenizer", "tokenizer.model", {"add_bos_token": True}, **bytes_too)
        legacy = {"add_bos_token": True, "add_eos_token": True, "legacy": True}
        case("llama_legacy", "LlamaTokenizer", "tokenizer.model", legacy, user_defined_symbols=["<table>"], **bytes_too)
        case("llama_plain", "LlamaTokenizer", "tokenizer.model", {"add_prefix_space": False}, **bytes_too)
        gemma = {"pad_id": 0, "eos_id": 1, "bos_id": 2, "unk_id": 3, "pad_piece": "<pad>", "eos_piece": "<eos>"}
        gemma.update(bos_piece="<bos>", user_defined_symbols=["<mask>", "▁▁", "▁▁▁", "<table>", "\n\n"])
        case("mbart", "MBartTokenizer", "sentencepiece.bpe.model", {"src_lang": "de_DE"})
        case("mbart50", "MBart50Tokenizer", "sentencepiece.bpe.model", {"src_lang": "de_DE"})
        summary = {"pad_id": 0, "eos_id": 1, "bos_id": -1, "unk_id": 2}
        case("pegasus", "PegasusTokenizer", "spiece.model", **summary)
        case("pegasus_plain", "PegasusTokenizer", "spiece.model", {"offset": 7}, **summary, **plain)
        marks = {"control_symbols": ["[CLS]", "[SEP]", "[MASK]"]}
        case("bigbird", "BigBirdTokenizer", "spiece.model", pad_id=0, eos_id=1, bos_id=2, unk_id=100, **marks, **plain)
        long = {"pad_id": 0, "unk_id": 1, "bos_id": -1, "eos_id": -1, **marks}
        case("rembert", "RemBertTokenizer", "sentencepiece.model", **long)
        lower = {"do_lower_case": True, "keep_accents": False}
        case("rembert_lower", "RemBertTokenizer", "sentencepiece.model", lower, **long, **plain)
        case("gemma", "GemmaTokenizer", "tokenizer.model", {"add_bos_token": True}, add_dummy_prefix=False, **gemma, **bytes_too)


def precompiled_case(model, texts):
    """The same model as XLM-RoBERTa's tokenizer.json has its own: ids and UTF-16 offsets of the Rust library."""
    proto = sentencepiece_model_pb2.ModelProto.FromString(model)
    pieces = [(piece.piece, piece.score) for piece in proto.pieces]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=0, byte_fallback=False))
    charsmap = normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap)
    tokenizer.normalizer = normalizers.Sequence([charsmap, normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")

    def values(text):
        units = [0]
        for character in text:
            units.append(units[-1] + (2 if ord(character) > 0xFFFF else 1))
        encoding = tokenizer.encode(text)
        spans = [units[end] for span in encoding.offsets for end in span]
        return [len(encoding.ids), *encoding.ids, *spans]

    hashes = [fnv(values(text)) for text in texts]
    (OUT / "spm_nfkc.rust.hashes").write_bytes(struct.pack(f"<{len(hashes)}I", *hashes))


def main():
    OUT.mkdir(exist_ok=True)
    texts = read_texts()
    bert_cases(texts)
    byte_level_cases(texts)
    family_cases(texts)
    tiktoken_cases(texts)
    sentencepiece_cases(texts)
    sentencepiece_class_cases(texts)
    pairs(texts)
    packages = ("transformers", "tokenizers", "tiktoken", "sentencepiece")
    write_versions(OUT / "versions.json", known, **{name: version(name) for name in packages})
    finish()


main()
