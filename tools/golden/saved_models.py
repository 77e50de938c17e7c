"""What Python's model2vec makes of models that wembed has pruned and saved.

    python tools/golden/saved_models.py [NAME ...]     (model2vec, sentence-transformers; needs node)

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

from golden_file import NAMES, finish, wanted

ROOT = Path(__file__).resolve().parents[2]
PATH = ROOT / "tests/golden/saved_models.json"


def main():
    versions = {name: version(name) for name in ("model2vec", "sentence-transformers", "tokenizers", "numpy", "safetensors")}
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["node", ROOT / "tools/golden/saved_models.mjs", folder], check=True)
        made = json.loads((Path(folder) / "models.json").read_text())
        golden = json.loads(PATH.read_text()) if NAMES else {"versions": versions, "models": {}}
        models = golden["models"]
        for name, hashes in made["hashes"].items():
            if not wanted(name):
                continue
            for file, expected in hashes.items():
                assert hashlib.sha256((Path(folder) / name / file).read_bytes()).hexdigest() == expected, (name, file)
            model = StaticModel.from_pretrained(Path(folder) / name)
            vectors = model.encode(made["texts"])
            # sentence-transformers loads the same folder. It counts unknown tokens, of which the first texts have none, and
            # adds f16 rows differently.
            other = SentenceTransformer(str(Path(folder) / name), device="cpu").encode(made["texts"][:3])
            assert abs(other - vectors[:3]).max() < (1e-3 if model.embedding_dtype == "float16" else 1e-6), name
            models[name] = {
                **({} if versions == golden["versions"] else {"versions": versions}),
                "sha256": hashes,
                "tokens": len(model.tokens),
                "dtype": model.embedding_dtype,
                "normalize": model.normalize,
                "max_length": model.max_length,
                # The first numbers and the norm tell a vector; all of them would take a megabyte.
                "vectors": [[rounded(v) for v in [*row[:12], float((row.astype("float64") ** 2).sum() ** 0.5)]] for row in vectors],
            }
            print(name, len(model.tokens), vectors.shape, model.embedding_dtype)
    PATH.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    print(f"{PATH.relative_to(ROOT)}: {PATH.stat().st_size} bytes")
    finish()


def rounded(value):
    return float(f"{float(value):.9g}")


main()
