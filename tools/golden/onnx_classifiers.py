"""Writes tests/golden/onnx_classifiers.json: classifiers that model2vec exported to ONNX, and what ONNX Runtime and model2vec itself
make of some texts with them.

    python tools/golden/onnx_classifiers.py     (requirements_onnx.txt)
"""

import base64
import gzip
import json
import pathlib
import tempfile
from importlib.metadata import version

import numpy as np
import onnx
import onnxruntime
from golden_file import finish
from model2vec import StaticModel
from model2vec.inference.mlp import Activation, Layer, MLPHead
from model2vec.inference.model import StaticModelPipeline
from model2vec.onnx import export_model_to_onnx
from tokenizers import Tokenizer, models, pre_tokenizers

OUT = pathlib.Path("tests/golden/onnx_classifiers.json")
WORDS = "[UNK] the a cat dog sat ran on over mat moon red blue green good bad very not and or".split()
TEXTS = ["the cat sat on the mat", "a very good dog", "red blue green", "not bad", "strange unknown words", "moon moon moon dog"]
DIM = 6
# Layers, what ends them, whether vectors have length 1, their dtype, and whether tokens are mapped to rows and weighted.
CASES = {
    "one layer": ([3], Activation.SOFTMAX, False, "float32", False),
    "two layers, vectors of length 1": ([5, 2], Activation.SOFTMAX, True, "float32", False),
    "several labels": ([7, 4], Activation.SIGMOID, False, "float32", False),
    "numbers": ([5, 2], Activation.IDENTITY, True, "float32", False),
    "no layers": ([], Activation.SOFTMAX, False, "float32", False),
    "no layers, numbers": ([], Activation.IDENTITY, True, "float32", False),
    "weighted tokens and shared rows": ([4, 4, 3], Activation.SOFTMAX, True, "float32", True),
    "float16": ([3], Activation.SOFTMAX, True, "float16", True),
}
KEPT = ("model.onnx", "tokenizer.json", "tokenizer_config.json", "config.json")


def rounded(values):
    """In float16 the export divides a text of unknown words alone by 0: no number."""
    if np.isnan(values).any():
        return []
    return [float(f"{value:.9g}") for value in np.asarray(values, dtype=float).ravel()]


def base(random, kind, shared):
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    vectors = random.normal(size=(7 if shared else len(WORDS), DIM)).astype(kind)
    more = dict(token_mapping=np.arange(len(WORDS)) % 7, weights=random.random(len(WORDS)).astype("float32")) if shared else {}
    return tokenizer, vectors, more


def head(sizes, activation, random):
    layers, width = [], DIM
    for size in sizes:
        layers.append(Layer(random.normal(size=(size, width)).astype("float32"), random.normal(size=size).astype("float32")))
        width = size
    classes = None if activation == Activation.IDENTITY else np.asarray([f"class {i}" for i in range(width)])
    return MLPHead(layers, activation, classes)


def stripped(path):
    """Without what the exporter says of each node."""
    model = onnx.load(path)
    for node in [*model.graph.node, *model.graph.value_info, *model.graph.initializer, *model.graph.input, *model.graph.output]:
        del node.metadata_props[:]
    onnx.save(model, path)


def main():
    random = np.random.default_rng(11)
    cases = []
    for name, (sizes, activation, normalize, kind, shared) in CASES.items():
        tokenizer, vectors, more = base(random, kind, shared)
        model = StaticModel(vectors=vectors, tokenizer=tokenizer, config={"max_length": 77}, normalize=normalize, **more)
        pipeline = StaticModelPipeline(model, head(sizes, activation, random))
        with tempfile.TemporaryDirectory() as folder:
            export_model_to_onnx(pipeline, folder)
            model.save_pretrained(pathlib.Path(folder) / "plain")
            stripped(f"{folder}/model.onnx")
            session = onnxruntime.InferenceSession(f"{folder}/model.onnx")
            ids = [np.asarray([tokenizer.encode(text, add_special_tokens=False).ids]) for text in TEXTS]
            runs = [session.run(None, dict(input_ids=each, attention_mask=np.ones_like(each)))[0][0] for each in ids]
            read = lambda each: base64.b64encode(gzip.compress((pathlib.Path(folder) / each).read_bytes(), mtime=0)).decode()
            files = {each: read(each) for each in KEPT}
            plain = {each: read(f"plain/{each}") for each in ("model.safetensors", "config.json")}
        own = pipeline.predict(TEXTS) if activation == Activation.IDENTITY else pipeline.predict_proba(TEXTS)
        cases.append(dict(name=name, files=files, plain=plain, onnxruntime=[rounded(run) for run in runs], model2vec=[rounded(each) for each in own]))
    versions = {each: version(each) for each in ("model2vec", "numpy", "onnx", "onnxruntime", "onnxscript", "skeletoken", "tokenizers")}
    versions["torch"] = version("torch").split("+")[0]
    OUT.write_text(json.dumps(dict(versions=versions, texts=TEXTS, cases=cases), separators=(",", ":")) + "\n")
    print(f"{OUT}: {OUT.stat().st_size} bytes")


main()
finish()
