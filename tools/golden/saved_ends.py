"""Writes tests/golden/saved_ends.json: what transformers makes of the two ends that wembed saved, whole and pruned: token rows
as the first block would receive them, and the scores of a hidden state. No weight of the ends may be missing.

    python tools/golden/saved_ends.py     (torch, transformers; node and dist/)
"""
import json
import pathlib
import subprocess
import tempfile

import torch
import transformers as T

from golden_file import finish
from observed import filled, scores

OUT = pathlib.Path("tests/golden/saved_ends.json")
IDS = [0, 1, 4]
T.logging.set_verbosity(50)


def loaded(folder):
    config = T.AutoConfig.from_pretrained(folder)
    kind = next(getattr(T, name) for name in config.architectures)
    model, found = kind.from_pretrained(folder, output_loading_info=True)
    missing = [name for name in found["missing_keys"] if "norm" not in name.split(".")[-2] and "ln_f" not in name and "pooler" not in name]
    assert not missing, (folder, missing)
    assert not found["mismatched_keys"], found
    return model.eval()


def record(folder):
    model = loaded(folder)
    weight = model.get_input_embeddings().weight
    hidden = model.get_output_embeddings().in_features if model.get_output_embeddings() is not None else weight.shape[1]
    made = dict(rows=weight.shape[0], table=weight[IDS].flatten().tolist())
    text = model.config.get_text_config()
    logits = scores(model, filled("hidden", (1, getattr(text, "hidden_size", hidden))))
    return {**made, **({} if logits is None else dict(logits=logits[0].flatten().tolist()))}


with tempfile.TemporaryDirectory() as folder:
    subprocess.run(["node", "tools/golden/saved_ends.mjs", folder], check=True)
    made = {path.name: {kind: record(path / kind) for kind in ("whole", "small")} for path in sorted(pathlib.Path(folder).iterdir())}
OUT.write_text(json.dumps(dict(versions=dict(transformers=T.__version__), ids=IDS, models=made), separators=(",", ":")) + "\n")
finish()
