"""What Python's model2vec makes of models that wembed has pruned and saved.

    pip install model2vec==0.10.0 sentence-transformers && python tools/golden/saved_models.py   (needs node)

Writes tests/golden/saved_models.json: the SHA-256 of each file that was loaded, so that a test without Python knows that it
has the same, and the vectors. Versions are recorded in it.
"""

import hashlib
import json
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path

from model2vec import StaticModel
from sentence_transformers import SentenceTransformer

ROOT = Path(__file__).resolve().parents[2]


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["node", ROOT / "tools/golden/saved_models.mjs", folder], check=True)
        made = json.loads((Path(folder) / "models.json").read_text())
        models = {}
        for name, hashes in made["hashes"].items():
            for file, expected in hashes.items():
                assert hashlib.sha256((Path(folder) / name / file).read_bytes()).hexdigest() == expected, (name, file)
            model = StaticModel.from_pretrained(Path(folder) / name)
            vectors = model.encode(made["texts"])
            # sentence-transformers loads the same folder. It counts unknown tokens, of which the first texts have none, and
            # adds f16 rows differently.
            other = SentenceTransformer(str(Path(folder) / name), device="cpu").encode(made["texts"][:3])
            assert abs(other - vectors[:3]).max() < (1e-3 if model.embedding_dtype == "float16" else 1e-6), name
            models[name] = {
                "sha256": hashes,
                "tokens": len(model.tokens),
                "dtype": model.embedding_dtype,
                "normalize": model.normalize,
                "max_length": model.max_length,
                # The first numbers and the norm tell a vector; all of them would take a megabyte.
                "vectors": [[rounded(v) for v in [*row[:12], float((row.astype("float64") ** 2).sum() ** 0.5)]] for row in vectors],
            }
            print(name, len(model.tokens), vectors.shape, model.embedding_dtype)
    versions = {name: version(name) for name in ("model2vec", "sentence-transformers", "tokenizers", "numpy", "safetensors")}
    path = ROOT / "tests/golden/saved_models.json"
    path.write_text(json.dumps({"versions": versions, "models": models}, separators=(",", ":")) + "\n")
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes")


def rounded(value):
    return float(f"{float(value):.9g}")


main()
