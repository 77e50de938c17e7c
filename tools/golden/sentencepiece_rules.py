"""Golden ids of SentencePiece models without a class: sentencepiece's own.

    python tools/golden/sentencepiece_rules.py [sentencepiece_rules]     (sentencepiece)

Writes tests/golden/sentencepiece_rules.json.gz: for each small model its file, and of texts with user-defined pieces inside
words, beside spaces and over one another the ids, and what most of them are decoded to.
"""
import base64
import gzip
import json
import pathlib
import random
import tempfile

import sentencepiece
from sentencepiece import sentencepiece_model_pb2

from golden_file import finish, wanted

OUT = pathlib.Path(__file__).resolve().parents[2] / "tests/golden/sentencepiece_rules.json.gz"
WORDS = (
    "the of and light foo bar foobar waters earth day ab abab aba banana bananas naïve café straße ＡＢＣ ｆｏｏ ﬁne ½ ① 日本語 語 東京 "
    "Москва мир e\u0301 a\u0308 한국 ㈱ ｶﾞ aaa aaaa mississippi 123 1234 ... -- 😀 👍🏽 x y <b> </b> [REF] [REF_1] İ ǅ"
).split()
PIECES = (
    "foo oo fo foobar [REF] [REF_1] the ▁the ▁▁ ▁▁▁ ▁foo foo▁ a▁b e é e\u0301 naï ＡＢ ｆ 日 本語 aa aba ana <b> <x> 😀 ½ 12 ß fi ﬁ ar İ ▁"
).split() + ["\n", "\n\n", "\t"]
LETTERS = "abanofe xｆ\u0301\u0308é▁日<>\n\t\u3000\u00a0\u200b"
NORMAL, UNUSED = 1, 5
# A small map of characters: of those that sentencepiece has, vocab_files.py has one.
MAP = {
    "Ａ": "A", "Ｂ": "B", "ｆ": "f", "ｏ": "o", "ﬁ": "fi", "½": "1/2", "①": "1", "\u3000": " ", "\u00a0": " ", "\t": " ", "\n": " ",
    "\u200b": "", "e\u0301": "é", "a\u0308": "ä", "㈱": "(株)", "ｶﾞ": "ガ", "ｶ": "カ", "İ": "i\u0307", "fo": "F", "▁": " ", "ß": " s",
}  # fmt: skip
RULES = ["identity", "own", "own"]
EDITS = ["none", "equal", "coarse", "shuffled", "escaped", "none"]


def text_of(rng):
    parts = [" " * rng.randint(1, 3)] if rng.random() < 0.15 else []
    for _ in range(rng.randint(0, 12)):
        letters = "".join(rng.choice(LETTERS) for _ in range(rng.randint(1, 6)))
        parts.append(rng.choice([rng.choice(WORDS), rng.choice(WORDS), rng.choice(PIECES), letters]))
        parts.append(rng.choice(["", " ", "", "  ", "", "   ", "▁", "\n", "\u3000"]))
    return "".join(parts)


def model_of(rng, folder, rule, options):
    if rule == "own":
        spelled = [[" ".join(f"{ord(c):X}" for c in side) for side in pair] for pair in MAP.items()]
        options = {**options, "normalization_rule_tsv": f"{folder}/map.tsv"}
        pathlib.Path(options["normalization_rule_tsv"]).write_text("".join("\t".join(pair) + "\n" for pair in spelled))
    corpus = pathlib.Path(folder) / "corpus.txt"
    corpus.write_text("\n".join(" ".join(rng.choice(WORDS) for _ in range(rng.randint(3, 15))) for _ in range(300)))
    sentencepiece.SentencePieceTrainer.train(
        input=str(corpus), model_prefix=f"{folder}/x", num_threads=1, minloglevel=2, hard_vocab_limit=False, **options
    )
    model = sentencepiece_model_pb2.ModelProto.FromString((pathlib.Path(folder) / "x.model").read_bytes())
    model.trainer_spec.ClearField("input")  # paths of this machine
    model.trainer_spec.ClearField("model_prefix")
    model.normalizer_spec.ClearField("normalization_rule_tsv")
    return model


def edited(rng, model, edit, kind):
    normal = [piece for piece in model.pieces if piece.type == NORMAL]
    scores = [piece.score for piece in normal]
    if edit == "equal":
        scores = [-1.5] * len(scores)
    if edit == "coarse":
        scores = [-float(int(-score) % 5) for score in scores]
    if edit == "shuffled":
        rng.shuffle(scores)
    if edit == "escaped":
        model.normalizer_spec.escape_whitespaces = False
    if edit == "shuffled" and kind == "unigram":
        for piece in rng.sample(normal, 20):
            piece.type = UNUSED
    for piece, score in zip(normal, scores):
        piece.score = score
    return model


def cases():
    for i in range(40):
        rng = random.Random(i)
        kind, rule, edit = ["bpe", "unigram"][i % 2], RULES[i // 2 % 3], EDITS[i // 2 % 7 % 6]
        options = {
            "model_type": kind, "vocab_size": 650 if i % 5 == 0 else 400, "byte_fallback": i % 5 == 0, "normalization_rule_name": "identity",
            "add_dummy_prefix": rng.random() < 0.6, "remove_extra_whitespaces": rng.random() < 0.5,
            "treat_whitespace_as_suffix": rng.random() < 0.25, "character_coverage": rng.choice([1.0, 0.98]),
            "user_defined_symbols": rng.sample(PIECES, rng.choice([0, 2, 6, 12])),
            "control_symbols": ["<c1>"] if i % 4 == 0 else [],
        }  # fmt: skip
        with tempfile.TemporaryDirectory() as folder:
            model = edited(rng, model_of(rng, folder, rule, options), edit, kind).SerializeToString()
        processor = sentencepiece.SentencePieceProcessor(model_proto=model)
        texts = ["", " ", "▁", "foo", " foo", "foo bar", *(text_of(rng) for _ in range(40))]
        texts.append("".join(text_of(rng) for _ in range(60)))  # sums of scores in single precision
        ids = [processor.encode(text) for text in texts]
        name = f"{i}: {kind}, {rule}, scores {edit}"
        file = base64.b64encode(model).decode()
        # Unknown pieces it shows as another sign, and of several spaces at the beginning it drops some.
        shown = lambda text, each: processor.unk_id() not in each and not text.startswith((" ", "▁", "\u3000"))
        decoded = [processor.decode(each) if shown(text, each) else None for text, each in zip(texts, ids)]
        yield {"name": name, "model": file, "texts": texts, "ids": ids, "decoded": decoded}


def long_sums():
    """Sums of scores that sentencepiece sets back to 0, because in single precision they would lose the small ones."""
    model = sentencepiece_model_pb2.ModelProto()
    pieces = [("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3), ("a", -0.003, 1), ("b", -0.003, 1), ("ab", -0.005, 1), ("x", -10, 1)]
    for piece, score, kind in pieces:
        model.pieces.add(piece=piece, score=score, type=kind)
    model.trainer_spec.model_type = 1
    model.trainer_spec.pad_id = -1
    model.normalizer_spec.name = "identity"
    model.normalizer_spec.add_dummy_prefix = model.normalizer_spec.remove_extra_whitespaces = False
    file = model.SerializeToString()
    processor = sentencepiece.SentencePieceProcessor(model_proto=file)
    texts = ["x" * n + "ab" for n in [0, 9000, 10000, 10001, 10002, 20000, 20001, 30000]] + [("x" * 999 + "aba") * 50]
    ids = [processor.encode(text) for text in texts]
    return {
        "name": "40: unigram, long sums",
        "model": base64.b64encode(file).decode(),
        "texts": texts,
        "ids": ids,
        "decoded": [processor.decode(each) for each in ids],
    }


def main():
    wanted("sentencepiece_rules")
    found = [*cases(), long_sums()]
    payload = json.dumps({"same": f"sentencepiece {sentencepiece.__version__}", "cases": found}, ensure_ascii=False)
    OUT.write_bytes(gzip.compress(payload.encode(), 9, mtime=0))
    print(len(found), OUT.stat().st_size)
    finish()


main()
