"""Writes tests/golden/rope_combinations.json: the frequencies that transformers' rotary modules make of configs in which several
rope settings stand at once, for every model type that has such a module. The settings are drawn with a seed, the same for all
types. No model is built but once, tiny, to see which module is its text's.

    python tools/golden/rope_combinations.py [model type ...]     (torch 2.9.1, transformers 5.24.0)
"""

import copy
import inspect
import json
import pathlib
import random
import warnings

import torch
import transformers as T
from golden_file import finish, wanted
from observed import NOT_TEXT
from tiny_models import class_of, complete_settings
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

OUT = pathlib.Path("tests/golden/rope_combinations.json")
MADE = pathlib.Path("tests/golden/model_types")
COUNT, SEED = 300, 5  # configs
LENGTHS = (1, 300)  # of texts: of some kinds the frequencies depend on it
warnings.filterwarnings("ignore")
T.logging.set_verbosity(50)
T.utils.logging.disable_progress_bar()
torch.set_num_threads(1)

LISTS = dict(short_factor=[1 + i / 10 for i in range(16)], long_factor=[2 + i for i in range(16)])


def scaled(draw):
    """Parameters of one kind, with or without what they may leave out."""
    kind = draw.choice(["default", "default", "linear", "dynamic", "yarn", "yarn", "longrope", "llama3", "proportional"])
    more = {
        "default": [{}],
        "linear": [dict(factor=2.0)],
        "dynamic": [dict(factor=4.0), dict(factor=4.0, alpha=50.0)],
        "yarn": [
            dict(factor=4.0, original_max_position_embeddings=16),
            dict(factor=4.0, truncate=False, original_max_position_embeddings=64),
            dict(factor=8.0, mscale=1.5, mscale_all_dim=0.5, beta_fast=16, beta_slow=2),
            dict(factor=8.0, attention_factor=1.5, truncate=False),
        ],
        "longrope": [dict(LISTS, factor=4.0), dict(LISTS, original_max_position_embeddings=32), dict(LISTS, attention_factor=1.5)],
        "llama3": [dict(factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=16)],
        "proportional": [{}, dict(partial_rotary_factor=0.25)],
    }[kind]
    return {draw.choice(["rope_type", "rope_type", "rope_type", "type"]): kind, **draw.choice(more)}


def with_base(draw, rope):
    if draw.random() < 0.6:
        rope["rope_theta"] = draw.choice([777.0, 500000.0])
    if draw.random() < 0.25:
        rope["partial_rotary_factor"] = draw.choice([0.5, 0.25, 1.0])
    return rope


def nested(draw):
    """By type of layer, of which one may be left out."""
    kinds = draw.choice([["full_attention", "sliding_attention"]] * 3 + [["full_attention"], ["sliding_attention"]])
    return {kind: with_base(draw, scaled(draw)) for kind in kinds}


SETTINGS = dict(
    rope_theta=lambda draw: draw.choice([333.0, 1000000, None]),
    rope_scaling=lambda draw: draw.choice([None, scaled(draw), scaled(draw), with_base(draw, scaled(draw))]),
    rope_parameters=lambda draw: draw.choice(
        [None, {}, nested(draw), nested(draw), with_base(draw, scaled(draw)), with_base(draw, scaled(draw))]
    ),
    partial_rotary_factor=lambda draw: draw.choice([0.5, 0.75, 1.0, None]),
    max_position_embeddings=lambda draw: draw.choice([64, 128, 4096]),
    original_max_position_embeddings=lambda draw: draw.choice([32, 64]),
    head_dim=lambda draw: draw.choice([32, 64, 80, None]),
    layer_types=lambda draw: draw.choice([["full_attention", "sliding_attention"], ["full_attention"] * 2]),
    rotary_dim=lambda draw: draw.choice([16, 32]),
    rotary_pct=lambda draw: draw.choice([0.5, 1.0]),
    rotary_emb_base=lambda draw: 777,
    rope_local_base_freq=lambda draw: draw.choice([55, None]),
    global_rope_theta=lambda draw: 555.0,
    local_rope_theta=lambda draw: draw.choice([44.0, None]),
    sliding_window=lambda draw: draw.choice([None, 8]),
)
WEIGHTS = [6, 6, 6, 4, 4, 2, 4, 3, 1, 1, 1, 1, 1, 1, 1]


# What these must say besides for their queries to turn.
SAID = dict(
    granitemoehybrid=dict(position_embedding_type="rope"),
    esm=dict(position_embedding_type="rotary"),
)


def combinations():
    draw = random.Random(SEED)
    for _ in range(COUNT):
        names = set(draw.choices(list(SETTINGS), WEIGHTS, k=draw.choice([2, 2, 3, 3, 4])))
        config = {name: SETTINGS[name](draw) for name in SETTINGS if name in names}
        if any("longrope" in json.dumps(value) for value in config.values()) and draw.random() < 0.8:
            config["head_dim"] = 32
        if "layer_types" in config:
            config["num_hidden_layers"] = 2
        yield config


def module_of(model_type):
    """The class of the text model's rotary module, and that of its config; None where no config makes one."""
    with torch.device("meta"):
        model = class_of(model_type)(CONFIG_MAPPING[model_type](**{**complete_settings(model_type), **SAID.get(model_type, {})}))
    for name, part in model.named_modules():
        named = list(inspect.signature(type(part).__init__).parameters)
        turns = any(key.endswith("inv_freq") for key, _ in part.named_buffers(recurse=False))
        if turns and not NOT_TEXT.search("." + name) and "config" in named and hasattr(part, "config"):
            return type(part), type(part.config)
    return None


def path_to(config, kind):
    """The settings on the way to the text model's own part of a config; None where it has none."""
    if type(config) is kind:
        return []
    for key in config.sub_configs:
        part = getattr(config, key, None)
        found = path_to(part, kind) if part is not None else None
        if found is not None:
            return [key, *found]
    return None


def inside(config, path):
    for key in path:
        config = getattr(config, key)
    return config


def frequencies(module, layer_type, length):
    named = inspect.signature(type(module).forward).parameters
    places = torch.tensor([[length - 1]])  # the longest of a batch decides
    more = dict(layer_type=layer_type) if "layer_type" in named and layer_type else {}
    x = torch.zeros(1, 1, 8)
    try:
        module(x, places, **more)
    except Exception:
        module(x, places[None].expand(3, 1, 1), **more)
    prefix = f"{layer_type}_" if layer_type else ""
    found = getattr(module, f"{prefix}inv_freq").double().tolist()
    factor = getattr(module, f"{prefix}attention_scaling", getattr(module, "attention_scaling", 1.0))
    return [len(found), *(float(f"{found[i]:.5g}") for i in sorted({1 % len(found), len(found) // 2, len(found) - 1})), float(f"{float(factor):.6g}")]


def outcome(module_kind, path, model_type, settings):
    """By type of layer, the number of frequencies, three of them, and the factor, of a short text and of a long one."""
    settings = copy.deepcopy({**settings, **SAID.get(model_type, {})})
    for key in reversed(path):
        settings = {key: settings}
    config = inside(CONFIG_MAPPING[model_type].from_dict(settings), path)
    module = module_kind(config=config)
    types = [key[: -len("_inv_freq")] for key, _ in module.named_buffers() if key.endswith("_inv_freq") and "original" not in key]
    found = {}
    for layer_type in types or [""]:
        by_length = [frequencies(module, layer_type, length) for length in LENGTHS]
        found[layer_type] = by_length[:1] if by_length[0] == by_length[1] else by_length
        # Queries of latent attention have as many numbers as the config says: blocks cannot turn them by other frequencies.
        latent = getattr(config, "qk_rope_head_dim", None)
        if latent and 2 * by_length[0][0] != latent:
            raise ValueError(f"{by_length[0][0]} frequencies for {latent} numbers")
    return found


def record(model_type, configs):
    kinds = module_of(model_type)
    if not kinds:
        return None
    path = path_to(CONFIG_MAPPING[model_type](), kinds[1])
    made = []
    for settings in configs:
        try:
            made.append(outcome(kinds[0], path, model_type, settings))
        except Exception:
            made.append(None)  # transformers makes no model of it
    said = SAID.get(model_type)
    return {**(dict(path=path) if path else {}), **(dict(said=said) if said else {}), "made": made}


def main():
    names = []
    # Its module has the frequencies in another order, which turning undoes.
    skipped = ("ernie4_5_vl_moe", "ernie4_5_vl_moe_text")
    for path in sorted(MADE.glob("*.json")):
        names += [name for name, made in json.loads(path.read_text())["types"].items() if made.get("rotary") and "#" not in name and name not in skipped]
    configs = list(combinations())
    old = json.loads(OUT.read_text()) if OUT.exists() else {}
    outcomes, types = old.get("outcomes", []), old.get("types", {})
    number = {json.dumps(each): i for i, each in enumerate(outcomes)}
    for name in filter(wanted, names):
        try:
            found = record(name, configs)
        except Exception as error:
            print(name, type(error).__name__, str(error)[:200], flush=True)
            continue
        if not found:
            print(name, "has no such module", flush=True)
            continue
        for each in found["made"]:
            if each is not None and number.setdefault(json.dumps(each), len(outcomes)) == len(outcomes):
                outcomes.append(each)
        found["made"] = [None if each is None else number[json.dumps(each)] for each in found["made"]]
        types[name] = found
        print(name, sum(each is not None for each in found["made"]), flush=True)
    short = lambda value: json.dumps(value, separators=(",", ":"))
    lines = ",\n".join(f"{json.dumps(name)}:{short(types[name])}" for name in sorted(types))
    versions = json.dumps(dict(torch=torch.__version__, transformers=T.__version__))
    OUT.write_text(f'{{"versions":{versions},"configs":{short(configs)},\n"outcomes":{short(outcomes)},\n"types":{{\n{lines}\n}}}}\n')


if __name__ == "__main__":
    main()
    finish()
