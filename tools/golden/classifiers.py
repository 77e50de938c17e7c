"""Writes tests/golden/classifiers.json: folders that model2vec's StaticModelPipeline saved, and what it predicts for some texts.

    python tools/golden/classifiers.py     (model2vec 0.10)
"""

import base64
import json
import pathlib
import tempfile
from importlib.metadata import version

import numpy as np
from golden_file import finish
from model2vec import StaticModel
from model2vec.inference.mlp import Activation, Layer, MLPHead
from model2vec.inference.model import StaticModelPipeline
from tokenizers import Tokenizer, models, pre_tokenizers

OUT = pathlib.Path("tests/golden/classifiers.json")
WORDS = "[UNK] the a cat dog sat ran on over mat moon red blue green good bad very not and or".split()
TEXTS = ["the cat sat on the mat", "a very good dog", "red blue green", "not bad", "", "unknown words", "moon moon moon dog"]
DIM = 6
KINDS = {
    "one layer": ([3], Activation.SOFTMAX, ["x", "y", "z"]),
    "two layers": ([5, 2], Activation.SOFTMAX, ["no", "yes"]),
    "three layers of float64": ([5, 4, 3], Activation.SOFTMAX, [10, 20, 30]),
    "several labels": ([7, 4], Activation.SIGMOID, ["a", "b", "c", "d"]),
    "numbers": ([5, 2], Activation.IDENTITY, None),
    "no layers": ([], Activation.SOFTMAX, list("abcdef")),
    "no layers, numbers": ([], Activation.IDENTITY, None),
}


def head_of(sizes, activation, classes, random, kind):
    layers, width = [], DIM
    for size in sizes:
        layers.append(Layer(random.normal(size=(size, width)).astype(kind), random.normal(size=size).astype(kind)))
        width = size
    return MLPHead(layers, activation, np.asarray(classes) if classes is not None else None)


def plain(values):
    if isinstance(values, np.ndarray):
        return [plain(value) for value in values]
    return float(f"{value:.9g}") if isinstance(value := values, (float, np.floating)) else getattr(values, "item", lambda: values)()


def main():
    random = np.random.default_rng(7)
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    cases = []
    for name, (sizes, activation, classes) in KINDS.items():
        vectors = random.normal(size=(len(WORDS), DIM)).astype("float32")
        model = StaticModel(vectors=vectors, tokenizer=tokenizer, config={"normalize": name == "two layers", "max_length": 512})
        kind = "float64" if "float64" in name else "float32"
        with tempfile.TemporaryDirectory() as folder:
            StaticModelPipeline(model, head_of(sizes, activation, classes, random, kind)).save_pretrained(folder)
            pipeline = StaticModelPipeline.from_pretrained(folder)
            names = ["model.safetensors", "tokenizer.json", "config.json", "head.safetensors"]
            files = {each: base64.b64encode((pathlib.Path(folder) / each).read_bytes()).decode() for each in names}
        case = dict(name=name, files=files, predict=plain(pipeline.predict(TEXTS)))
        if activation != Activation.IDENTITY:
            case["proba"] = plain(pipeline.predict_proba(TEXTS))
        if activation == Activation.SIGMOID:
            case["strict"] = plain(pipeline.predict(TEXTS, threshold=0.8))
        cases.append(case)
    versions = {each: version(each) for each in ("model2vec", "numpy", "safetensors", "tokenizers")}
    OUT.write_text(json.dumps(dict(versions=versions, texts=TEXTS, cases=cases), separators=(",", ":")) + "\n")
    print(f"{OUT}: {OUT.stat().st_size} bytes")


main()
finish()
