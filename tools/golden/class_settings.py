"""Golden ids of texts that hold special tokens, for small SentencePiece models of every class of transformers' that wembed
covers, beside settings files in which tokens have flags, other names, ids of their own, or are taken away: transformers'.

    python tools/golden/class_settings.py [CLASS ...]     (transformers, sentencepiece)

Writes tests/golden/class_settings.json.gz: of each class its model, the files beside it with the ids of each text, and files
that transformers refuses, with its message.
"""
import base64
import gzip
import json
import os
import pathlib
import random
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
import sentencepiece
import transformers
from sentencepiece import sentencepiece_model_pb2

from golden_file import finish, wanted

FILE = pathlib.Path(__file__).resolve().parents[2] / "tests/golden/class_settings.json.gz"
WORDS = "the of and light foo bar foobar waters earth god said let there be day night ab abab banana mask café 123 x y".split()

ANGLE = dict(bos="<s>", eos="</s>", unk="<unk>", sep="</s>", pad="<pad>", cls="<s>", mask="<mask>")
SQUARE = dict(bos="[CLS]", eos="[SEP]", unk="<unk>", sep="[SEP]", pad="<pad>", cls="[CLS]", mask="[MASK]")
BERT = ["[CLS]", "[SEP]", "[MASK]"]
# Its file, its tokens, how the model is trained, settings that its class alone reads, other settings of every case.
CLASSES = {
    "XLMRobertaTokenizer": ("sentencepiece.bpe.model", ANGLE, {}, [{"add_prefix_space": False}], {}),
    "CamembertTokenizer": ("sentencepiece.bpe.model", ANGLE, {}, [{"add_prefix_space": None}], {}),
    "AlbertTokenizer": (
        "spiece.model", SQUARE, dict(pad_id=0, unk_id=1, bos_id=-1, eos_id=-1, control_symbols=BERT),
        [{"add_bos_token": False}, {"add_eos_token": True, "add_prefix_space": False}, {"do_lower_case": None, "keep_accents": True}], {},
    ),
    "DebertaV2Tokenizer": (
        "spm.model", {**SQUARE, "unk": "[UNK]", "pad": "[PAD]"},
        dict(pad_id=0, bos_id=1, eos_id=2, unk_id=3, pad_piece="[PAD]", bos_piece="[CLS]", eos_piece="[SEP]", unk_piece="[UNK]"),
        [{"split_by_punct": True}, {"add_prefix_space": False, "split_by_punct": True}, {"unk_token": "[M]"}], {},
    ),
    "XLNetTokenizer": (
        "spiece.model", {**ANGLE, "sep": "<sep>", "cls": "<cls>"},
        dict(unk_id=0, bos_id=1, eos_id=2, control_symbols=["<cls>", "<sep>", "<pad>", "<mask>", "<eod>", "<eop>"]), [{"unk_token": "[M]"}], {},
    ),
    "T5Tokenizer": ("spiece.model", ANGLE, dict(pad_id=0, eos_id=1, bos_id=-1, unk_id=2), [{"extra_ids": 3}], {}),
    "BigBirdTokenizer": (
        "spiece.model", {**SQUARE, "bos": "<s>", "eos": "</s>"},
        dict(pad_id=0, eos_id=1, bos_id=2, unk_id=20, control_symbols=BERT), [{"unk_token": "[M]"}], {},
    ),
    "RemBertTokenizer": (
        "sentencepiece.model", SQUARE, dict(pad_id=0, unk_id=1, bos_id=-1, eos_id=-1, control_symbols=BERT),
        [{"add_bos_token": True, "add_eos_token": True}], {},
    ),
    "PegasusTokenizer": ("spiece.model", {**ANGLE, "mask": "<mask_2>"}, dict(pad_id=0, eos_id=1, bos_id=-1, unk_id=2), [{"offset": 10}], {}),
    "MBartTokenizer": ("sentencepiece.bpe.model", ANGLE, {}, [{"src_lang": None}], {"src_lang": "de_DE"}),
    "MBart50Tokenizer": ("sentencepiece.bpe.model", ANGLE, {}, [{"cls_token": "[M]"}, {"bos_token": "[M]"}], {"src_lang": "de_DE"}),
    "NllbTokenizer": (
        "sentencepiece.bpe.model", ANGLE, {}, [{"legacy_behaviour": True}],
        {"src_lang": "deu_Latn", "additional_special_tokens": ["eng_Latn", "deu_Latn"]},
    ),
    "LlamaTokenizer": (
        "tokenizer.model", ANGLE, {}, [{"add_bos_token": True, "bos_token": None}, {"add_prefix_space": None, "legacy": True}], {},
    ),
    "CodeLlamaTokenizer": (
        "tokenizer.model", ANGLE, {}, [{"add_bos_token": None}, {"prefix_token": None}, {"eot_token": "<y>", "legacy": True}], {},
    ),
    "GemmaTokenizer": (
        "tokenizer.model", {**ANGLE, "bos": "<bos>", "eos": "<eos>"},
        dict(pad_id=0, eos_id=1, bos_id=2, unk_id=3, pad_piece="<pad>", eos_piece="<eos>", bos_piece="<bos>", user_defined_symbols=["<mask>", "▁▁"]),
        [{"add_bos_token": True}, {"unk_token": None}], {},
    ),
}  # fmt: skip
BPE = ["NllbTokenizer", "LlamaTokenizer", "CodeLlamaTokenizer", "GemmaTokenizer"]


def token(content, **flags):
    return {"__type": "AddedToken", "content": content, **flags}


def listed(content, **flags):
    return {"content": content, **flags}


def settings(names):
    """tokenizer_config.json, and other files."""
    pad, eos, unk, sep, mask = (names[role] for role in ["pad", "eos", "unk", "sep", "mask"])
    yield {"pad_token": token(pad, lstrip=True, rstrip=True)}, {}
    yield {"eos_token": token(eos, single_word=True, normalized=True)}, {}
    yield {"pad_token": token("[P]", lstrip=True, special=False), "sep_token": token(sep, normalized=True, rstrip=True)}, {}
    yield {"unk_token": token(unk, lstrip=True, normalized=True, special=False), "sep_token": None}, {}
    yield {"image_token": "<x>", "video_token": token("<y>", rstrip=True)}, {}
    yield {"extra_special_tokens": {"image_token": "<x>", "any": token("light", single_word=True)}}, {}
    yield {"extra_special_tokens": None, "additional_special_tokens": ["<x>"]}, {}
    yield {"extra_special_tokens": [token("<x>", lstrip=True, special=False), "<x>", token("Xq", normalized=True)]}, {}
    yield {"added_tokens_decoder": {"5000": listed(pad, rstrip=True), "30": listed("[M]", lstrip=True, normalized=True), "29": listed("<y>")}}, {}
    yield {"added_tokens_decoder": {"7": listed(eos, single_word=True, special=True), "400": listed("light", lstrip=True, special=True)}}, {
        "special_tokens_map.json": {"pad_token": "[M]"}, "added_tokens.json": {"<zz>": 300},
    }
    yield {"added_tokens_decoder": {}, "extra_special_tokens": ["<x>", "<y>"]}, {"added_tokens.json": {"<zz>": 300}}
    yield {"pad_token": pad}, {"special_tokens_map.json": {"pad_token": listed(pad, lstrip=True, rstrip=True), "sep_token": sep}}
    yield {"additional_special_tokens": ["<y>"]}, {"special_tokens_map.json": {"additional_special_tokens": ["<x>"], "pad_token": "[M]"}}
    yield {"extra_special_tokens": ["<y>"]}, {"special_tokens_map.json": {"extra_special_tokens": ["<x>", listed("light", single_word=True)]}}
    yield {}, {"special_tokens_map.json": {"extra_special_tokens": {"image_token": "<x>"}, "do_lower_case": True, "eos_token": listed(eos, normalized=True)}}
    yield {"eos_token": token(eos)}, {"added_tokens.json": {eos: 300, pad: 20, "<y>": 5000, "[M]": 20}}
    yield {}, {"special_tokens_map.json": {"pad_token": "[M]", "sep_token": listed("[M]", rstrip=True)}, "added_tokens.json": {"[M]": 200, "ab": 7}}
    # Pegasus's mask tokens, which have other names, transformers 5 places otherwise than its own files and older versions.
    if mask in ["<mask>", "[MASK]"]:
        yield {"mask_token": token(mask, rstrip=True)}, {}
        yield {}, {"special_tokens_map.json": {"mask_token": listed(mask, lstrip=True, normalized=True)}}


def faults(names):
    """What is no token."""
    yield {"pad_token": listed(names["pad"], lstrip=True)}, {}
    yield {"eos_token": 5}, {}
    yield {"eos_token": token(names["eos"], lstrip="no")}, {}
    yield {"added_tokens_decoder": {"7": "<x>"}}, {}
    yield {"added_tokens_decoder": {"7": listed("<x>", special=None)}}, {}
    yield {"extra_special_tokens": ["<x>", 5]}, {}
    yield {"extra_special_tokens": [listed("<x>", lstrip=True)]}, {}
    yield {"extra_special_tokens": "<x>"}, {}
    yield {}, {"special_tokens_map.json": {"pad_token": listed("<x>", rstrip=1)}}
    yield {}, {"special_tokens_map.json": {"pad_token": ["<x>"]}}
    yield {}, {"added_tokens.json": ["<x>"]}


def texts(names):
    rng = random.Random(7)
    known = sorted(set(names.values())) + ["[M]", "[P]", "<x>", "<y>", "light", "Xq", "ab", "q!", "<zz>"]
    known += ["<extra_id_0>", "<unk_5>", "de_DE", "▁<PRE>", "▁<EOT>", "<mask_1>"]
    found = ["", " "]
    for _ in range(28):
        parts = []
        for _ in range(rng.randint(2, 8)):
            word = rng.choice(known) if rng.random() < 0.6 else rng.choice(WORDS + ["日", "Ж", "Light", ".", "``x''", "THE"])
            parts += [word.upper() if rng.random() < 0.06 else word, rng.choice(["", "", " ", " ", "  ", "\n", ".", ",", "▁", "x", "\t"])]
        found.append("".join(parts))
    return found


def trained(name, more):
    kind = dict(model_type="bpe" if name in BPE else "unigram", vocab_size=90)
    if name in BPE[1:]:
        kind.update(vocab_size=346, byte_fallback=True)
    kind.update(more)
    kind.setdefault("user_defined_symbols", ["q!"])
    rng = random.Random(3)
    with tempfile.TemporaryDirectory() as folder:
        corpus = pathlib.Path(folder) / "corpus.txt"
        corpus.write_text("\n".join(" ".join(rng.choice(WORDS) for _ in range(8)) for _ in range(200)))
        sentencepiece.SentencePieceTrainer.train(
            input=str(corpus), model_prefix=f"{folder}/x", num_threads=1, minloglevel=2, hard_vocab_limit=False,
            normalization_rule_name="identity", **kind,
        )  # fmt: skip
        model = sentencepiece_model_pb2.ModelProto.FromString((pathlib.Path(folder) / "x.model").read_bytes())
    model.trainer_spec.ClearField("input")  # paths of this machine
    model.trainer_spec.ClearField("model_prefix")
    return model.SerializeToString()


def load(name, file, model, files):
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / file).write_bytes(model)
        for other, content in files.items():
            (pathlib.Path(folder) / other).write_text(json.dumps(content))
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    assert type(tokenizer).__name__ == name
    return tokenizer


def case_of(name):
    file, names, training, own, always = CLASSES[name]
    model = trained(name, training)
    case = {"class": name, "file": file, "model": base64.b64encode(model).decode(), "texts": texts(names), "read": [], "refused": []}
    for config, others in [*settings(names), *((each, {}) for each in own)]:
        if name == "NllbTokenizer" and "extra_special_tokens" in config:
            if not isinstance(config["extra_special_tokens"], list):
                continue
            config = {**config, "extra_special_tokens": [*config["extra_special_tokens"], "deu_Latn"]}
        if name == "NllbTokenizer" and "additional_special_tokens" in config:
            config = {**config, "additional_special_tokens": [*config["additional_special_tokens"], "deu_Latn"]}
        # Without the languages' names a text's language is the unknown token there: refused here.
        if name == "NllbTokenizer" and "image_token" in str(others):
            continue
        # Its id is 0 there, by an accident of Python: refused here.
        if name == "DebertaV2Tokenizer" and config.get("sep_token", "") is None:
            continue
        files = {"tokenizer_config.json": {"tokenizer_class": name, **always, **config}, **others}
        try:
            tokenizer = load(name, file, model, files)
        except Exception as error:  # what the Rust library refuses is of no other class
            case["refused"].append({"files": files, "why": f"{type(error).__name__}: {error}"})
            continue
        case["read"].append({"files": files, "ids": [tokenizer(text)["input_ids"] for text in case["texts"]]})
    for config, others in faults(names):
        files = {"tokenizer_config.json": {"tokenizer_class": name, **always, **config}, **others}
        try:
            load(name, file, model, files)
        except (TypeError, ValueError, AttributeError) as error:
            case["refused"].append({"files": files, "why": f"{type(error).__name__}: {error}"})
        else:
            raise SystemExit(f"{name} takes {files}")
    return case


def main():
    old = json.loads(gzip.decompress(FILE.read_bytes()))["cases"] if FILE.exists() else []
    kept = {case["class"]: case for case in old}
    cases = [case_of(name) if wanted(name) else kept[name] for name in CLASSES]
    finish()
    payload = json.dumps({"same": f"transformers {transformers.__version__}", "cases": cases}, separators=(",", ":"))
    FILE.write_bytes(gzip.compress(payload.encode(), 9, mtime=0))
    print(*[sum(len(case[key]) for case in cases) for key in ["read", "refused"]], FILE.stat().st_size)


main()
