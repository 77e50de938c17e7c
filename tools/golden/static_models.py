"""Vectors that Python's model2vec gives for the models in ../shared/data/model2vec.

    python tools/golden/static_models.py [FOLDER ...]     (model2vec)

Writes tests/golden/static_models.json. Versions differ in two things, and wembed follows 0.10 in both, whichever version
wrote a folder: up to 0.9, and in the Rust implementation, unknown ids are dropped before a text is cut to 512 ids, since
0.10 after, so that they count; and only since 0.10 are a Unigram tokenizer's unknown ids dropped at all.
"""

import json
from importlib.metadata import version
from pathlib import Path

from model2vec import StaticModel

from golden_file import NAMES, finish, wanted
from texts import varied_texts

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "../shared/data/model2vec"
MODES = {  # what is asked of some models; of the others the plain call
    "plain": {},
    "cut to 5 tokens": {"max_length": 5},
    "never cut": {"max_length": None},
}


def main():
    texts = varied_texts(140) + ["hello world", " ".join(["hello"] * 1000), "word " * 600 + "日" * 9]
    path = ROOT / "tests/golden/static_models.json"
    versions = {name: version(name) for name in ("model2vec", "tokenizers", "numpy")}
    golden = json.loads(path.read_text()) if NAMES else {"versions": versions, "texts": texts, "models": {}}
    assert golden["texts"] == texts
    models = golden["models"]
    for folder in sorted(MODELS.glob("test-model-*")):
        if not wanted(folder.name):
            continue
        model = StaticModel.from_pretrained(folder)
        plain = StaticModel.from_pretrained(folder, normalize=False)
        modes = MODES if folder.name in ("test-model-float32", "test-model-vocab-quantized") else {"plain": {}}
        if model.dim > 8:
            texts_here = texts[::6] + texts[-3:]
        else:
            texts_here = texts
        models[folder.name] = {
            "texts": [texts.index(text) for text in texts_here],
            **({} if versions == golden["versions"] else {"versions": versions}),
            "ids": [encoding.ids for encoding in model.tokenizer.encode_batch(texts_here, add_special_tokens=False)],
            "vectors": {
                "not normalised": rounded(plain.encode(texts_here)),
                **{name: rounded(model.encode(texts_here, **options)) for name, options in modes.items()},
            },
        }
    path.write_text(json.dumps(golden, ensure_ascii=True, separators=(",", ":")) + "\n")
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes")
    finish()


def rounded(vectors):
    """Nine significant digits tell every f32 apart."""
    return [[float(f"{value:.9g}") for value in row] for row in vectors.astype("float64")]


main()
