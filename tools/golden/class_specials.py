"""Golden ids of texts that hold special tokens, for the SentencePiece models of vocab_files.py and settings that name other
tokens: transformers' own.

    python tools/golden/class_specials.py [class_specials] [class_unknowns]     (transformers, sentencepiece)

Writes tests/golden/class_specials.json.gz: for each case the golden file whose model it has, its
tokenizer_config.json, the ids of each text, and the texts decoded without special tokens. Run vocab_files.py first.
And tests/golden/class_unknowns.json: small models of classes whose unknown token stands at another id than usual.
"""
import base64
import gzip
import json
import pathlib
import tempfile

import sentencepiece
import transformers
from sentencepiece import sentencepiece_model_pb2

from golden_file import finish, wanted

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "tests/golden"
TEXTS = [
    "light <mask> and <mask>, the<mask>the", " <s>In the</s> beginning <pad> <unk>x", "a [MASK] b[MASK] [CLS]c [SEP]",
    "<extra_id_0> of <extra_id_1>x <extra_id_99>", "<mask_1> God<mask_2> said <unk_5>x", "de_DE en_XX the deu_Latn eng_Latn",
    "three-way (light) x-(y", "[M]the [M] earth", "the <x><y> earth <x>the", "<table> waters\n\nand <bos>a<eos>",
    "<cls>light <sep> <eod>x", "<0x41> <zz>x <zz>", "", " ", "<mask>", "the<the>",
]  # fmt: skip
SETTINGS = [
    {},
    {"mask_token": "[M]"},
    {"mask_token": {"__type": "AddedToken", "content": "[M]", "lstrip": False, "rstrip": True, "normalized": False,
                    "single_word": False, "special": True}},
    {"additional_special_tokens": ["<x>", "<y>"]},
    {"extra_special_tokens": []},
    {"extra_special_tokens": ["<y>"], "additional_special_tokens": ["<x>"]},
    {"pad_token": "<p>", "added_tokens_decoder": {"5000": {"content": "<zz>", "lstrip": True, "rstrip": False,
                                                           "normalized": False, "single_word": False, "special": False}}},
]  # fmt: skip
# Where transformers 5 places the tokens otherwise than its own files and older versions: Pegasus's mask tokens.
LEFT_OUT = {("pegasus", "mask_token"), ("pegasus_plain", "mask_token")}


def cases():
    for path in sorted((GOLDEN / "vocab_files").glob("*.json.gz")):
        case = json.loads(gzip.decompress(path.read_bytes()))
        models = [name for name in case["files"] if name.endswith(".model")]
        if not models or "tokenizer_config.json" not in case["files"] or not case["same"].startswith("transformers "):
            continue
        name = path.name.removesuffix(".json.gz")
        own = json.loads(case["files"]["tokenizer_config.json"])
        for settings in SETTINGS:
            if any((name, key) in LEFT_OUT for key in settings) or (name == "nllb" and "extra_special_tokens" in settings):
                continue
            config = {**own, **settings}
            if name == "nllb" and "additional_special_tokens" in settings:
                config["additional_special_tokens"] = own["additional_special_tokens"] + ["<x>", "<y>"]
            if name == "nllb" and "added_tokens_decoder" in settings:
                continue
            yield name, models[0], base64.b64decode(case["files"][models[0]]["base64"]), config


UNKNOWN_TEXTS = ["light", "the Ж light", "ЖЖ lightЖ waters", "日本 Ж<unk> the", "", "x<pad>y</s> ж"]
UNKNOWN_CLASSES = {
    "T5Tokenizer": ("spiece.model", {"bos_id": -1, "pad_id": 1, "eos_id": 3}),
    "AlbertTokenizer": ("spiece.model", {"bos_id": -1, "eos_id": -1, "pad_id": 3, "control_symbols": ["[CLS]", "[SEP]", "[MASK]"]}),
    "RemBertTokenizer": ("sentencepiece.model", {"bos_id": -1, "eos_id": -1, "pad_id": 3, "control_symbols": ["[CLS]", "[SEP]", "[MASK]"]}),
    "XLNetTokenizer": ("spiece.model", {"bos_id": 1, "eos_id": 3, "pad_id": -1, "control_symbols": ["<cls>", "<sep>", "<pad>", "<mask>"]}),
    "DebertaV2Tokenizer": ("spm.model", {"bos_id": 1, "eos_id": 3, "pad_id": -1, "unk_piece": "[UNK]", "control_symbols": ["[CLS]", "[SEP]", "[MASK]", "[PAD]"]}),
    "BigBirdTokenizer": ("spiece.model", {"bos_id": 1, "eos_id": 3, "pad_id": -1, "control_symbols": ["[CLS]", "[SEP]", "[MASK]", "<pad>"]}),
}  # fmt: skip


def unknowns():
    for cls, (file, settings) in UNKNOWN_CLASSES.items():
        for unknown in [0, 2, 5, 20]:
            with tempfile.TemporaryDirectory() as folder:
                corpus = pathlib.Path(folder) / "corpus.txt"
                corpus.write_text("the light of the waters and the earth\n" * 20 + "let there be light xy\n" * 20)
                sentencepiece.SentencePieceTrainer.train(
                    input=str(corpus), model_prefix=f"{folder}/x", num_threads=1, minloglevel=2, hard_vocab_limit=False,
                    vocab_size=60, unk_id=unknown, normalization_rule_name="identity", **settings,
                )  # fmt: skip
                model = sentencepiece_model_pb2.ModelProto.FromString((pathlib.Path(folder) / "x.model").read_bytes())
                model.trainer_spec.ClearField("input")  # paths of this machine
                model.trainer_spec.ClearField("model_prefix")
                (pathlib.Path(folder) / file).write_bytes(model.SerializeToString())
                (pathlib.Path(folder) / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": cls}))
                tokenizer = getattr(transformers, cls).from_pretrained(folder)
            ids = [tokenizer(text)["input_ids"] for text in UNKNOWN_TEXTS]
            spelled = base64.b64encode(model.SerializeToString()).decode()
            yield {"class": cls, "unknown": unknown, "file": file, "model": spelled, "ids": ids}


def write_unknowns():
    found = list(unknowns())
    payload = {"same": f"transformers {transformers.__version__}", "texts": UNKNOWN_TEXTS, "cases": found}
    (GOLDEN / "class_unknowns.json").write_text(json.dumps(payload) + "\n")


def main():
    if wanted("class_unknowns"):
        write_unknowns()
    if wanted("class_specials"):
        write_specials()
    finish()


def write_specials():
    found = []
    for name, file, model, config in cases():
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / file).write_bytes(model)
            (pathlib.Path(folder) / "tokenizer_config.json").write_text(json.dumps(config))
            tokenizer = getattr(transformers, config["tokenizer_class"]).from_pretrained(folder)
        ids = [tokenizer(text)["input_ids"] for text in TEXTS]
        texts = [tokenizer.decode(each, skip_special_tokens=True, clean_up_tokenization_spaces=False) for each in ids]
        found.append({"model": name, "config": config, "ids": ids, "decoded": texts})
    payload = json.dumps({"same": f"transformers {transformers.__version__}", "texts": TEXTS, "cases": found})
    (GOLDEN / "class_specials.json.gz").write_bytes(gzip.compress(payload.encode(), 9, mtime=0))
    print(len(found), (GOLDEN / "class_specials.json.gz").stat().st_size)


main()
