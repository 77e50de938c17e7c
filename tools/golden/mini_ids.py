"""The ids that the Rust `tokenizers` gives for 1,000 varied texts with models/mini's tokenizer.

    python tools/golden/mini_ids.py     (tokenizers)

Writes tests/golden/mini_ids.json: the test computes the vectors' float64 reference from these and the weights.
"""

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

from tokenizers import Tokenizer

from golden_file import finish
from texts import varied_texts

ROOT = Path(__file__).resolve().parents[2]


def main():
    finish()  # a single case: there are no names
    source = ROOT / "models/mini/tokenizer.json"
    tokenizer = Tokenizer.from_file(str(source))
    texts = varied_texts(1000, seed=2)
    ids = [encoding.ids for encoding in tokenizer.encode_batch(texts, add_special_tokens=False)]
    golden = {
        "versions": {"tokenizers": version("tokenizers")},
        "tokenizer_sha256": hashlib.sha256(source.read_bytes()).hexdigest(),
        "texts": texts,
        "ids": ids,
    }
    path = ROOT / "tests/golden/mini_ids.json"
    path.write_text(json.dumps(golden, ensure_ascii=True, separators=(",", ":")) + "\n")
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes")


main()
