"""Writes tests/golden/positions.json: the model types of transformers with a vocabulary whose queries do not turn, and how their
text gets its positions instead. Each type's model is built tiny, without weights, and its parts' code and parameters are looked at.

    python tools/golden/positions.py [model type ...]     (torch 2.9.1, transformers 5.24.0)
"""

import inspect
import json
import pathlib
import re
import warnings

import torch
import transformers as T
from golden_file import finish, wanted
from model_types import has_vocabulary
from observed import NOT_TEXT
from tiny_models import class_of, complete_settings
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

OUT = pathlib.Path("tests/golden/positions.json")
MADE = pathlib.Path("tests/golden/model_types")
warnings.filterwarnings("ignore")
T.logging.set_verbosity(50)

TURNS = re.compile(r"(apply_\w*(rot|rope)\w*|rotate_queries_or_keys|rotary_pos_emb|rotary_emb\w*|rope)\(")
NOT_CODE = re.compile(r'r?"""[\s\S]*?"""|^\s*@.*$|#.*$', re.M)
TABLE = re.compile(r"(^|[._])(wpe|pos|pos_emb\w*|embed_pos\w*|position\w*|w_pos\w*)(\.|$)|position_embed")
# Kinds by what the code says, the first that fits.
KINDS = [
    ("alibi", re.compile(r"build_(mpt_)?alibi|alibi_bias")),
    ("relative", re.compile(r"relative_attention_bias|r_r_bias|rel_embeddings|relative_positional_encoding|relative_position_embedding|relative_position_bucket|emb_rel_k|relative_k_proj|relative_key_proj|RelPosition|rel_logits|rel_proj")),
    ("waves", re.compile(r"[Ss]inusoid|sinusoidal_pos_embds|pos_encoding\b|positional_encoding\(|PositionalEmbedding")),
    ("convolution", re.compile(r"PositionalConv|ConvolutionalPosition|pos_conv")),
]
# What the look at a type's code cannot tell, and why.
BY_HAND = {
    "clvp_decoder": "learned",  # its attention could turn queries, but no class passes it the angles
    "udop": "relative",  # beside a table of places on a page
    "beit": "relative",
    "deberta": "relative",  # beside a table, where position_biased_input is true
    "deberta-v2": "relative",
    "musicgen": "relative",  # of its text's encoder
    "musicgen_melody": "relative",
    "marian": "waves",  # in a table that is not learned
    "fastspeech2_conformer": "relative",
    "canine": "learned",  # of letters: it has no vocabulary
    "omniasr_ctc": "convolution",
    "unispeech": "convolution",
    "unispeech-sat": "convolution",
    "layoutlmv2": "learned",  # its class asks for a package of detectors
    "layoutxlm": "learned",
}


def text_parts_of(model):
    parts = [(name, part) for name, part in model.named_modules() if not NOT_TEXT.search("." + name)]
    # Of a model that listens or looks first, the other side is the one that has the vocabulary.
    return [(name, part) for name, part in parts if not (LISTENS.search(model.config.model_type) and re.match(r"(model\.)?encoder\b", name))]


LISTENS = re.compile("^(canary|cohere_asr|whisper|speech_to_text|trocr|vision-encoder|speech-encoder)")


def kind_of(name, observed):
    if name in BY_HAND:
        return BY_HAND[name]
    model_type = name
    with torch.device("meta"):
        try:
            model = class_of(model_type)(CONFIG_MAPPING[model_type](**complete_settings(model_type)))
        except Exception:
            model = class_of(model_type)(CONFIG_MAPPING[model_type]())
    parts = text_parts_of(model)
    kinds = {type(part) for _, part in parts if type(part).__module__.startswith("transformers.models")}
    code = "\n".join(NOT_CODE.sub("", inspect.getsource(kind)) for kind in sorted(kinds, key=lambda each: each.__name__))
    if observed.get("rotary") or TURNS.search(code):
        return None
    names = {name for name, _ in parts}
    own = [key for key, _ in model.named_parameters() if key.rpartition(".")[0] in names or not NOT_TEXT.search("." + key)]
    if any(TABLE.search(key) and not re.search("relative|rel_pos|waves", key) for key in own):
        return "learned"
    return next((kind for kind, pattern in KINDS if pattern.search(code)), "none")


def main():
    made = {}
    for path in sorted(MADE.glob("*.json")):
        made.update(json.loads(path.read_text())["types"])
    types = json.loads(OUT.read_text())["types"] if OUT.exists() else {}
    for name in [name for name in CONFIG_MAPPING if has_vocabulary(name) or name in BY_HAND]:
        if not wanted(name):
            continue
        types.pop(name, None)
        try:
            kind = kind_of(name, made.get(name, {}))
        except Exception as error:
            print(name, type(error).__name__, str(error)[:100], flush=True)
            continue
        if kind:
            types[name] = kind
            print(name, kind, flush=True)
    lines = ",\n".join(f"{json.dumps(name)}:{json.dumps(types[name])}" for name in sorted(types))
    OUT.write_text(f'{{"versions":{json.dumps(dict(torch=torch.__version__, transformers=T.__version__))},"types":{{\n{lines}\n}}}}\n')


if __name__ == "__main__":
    main()
    finish()
