"""Writes tests/golden/stray_settings.json: what transformers makes of model_types.py's tiny checkpoints when a setting of their
config.json is another, null or left out, is there though their class does not know it, or stands in the older or newer form of
rope settings. Only what differs from the unchanged checkpoint is kept. A setting whose name stands nowhere in the source of the
model's classes changes nothing; no model is built for it.

    python tools/golden/stray_settings.py [case of model_types.py ...]     (torch 2.9.1, transformers 5.24.0)
"""

import inspect
import json
import pathlib
import re
import sys
import tempfile
import warnings

import torch
import transformers as T
from golden_file import finish, wanted
from model_types import add_copies, head_of, input_of, refill, rounded, turns_of
from observed import run
from tiny_models import class_of, complete_settings
from tiny_settings import COPIES, DIM
from transformers import AutoConfig, modeling_rope_utils
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

MADE = pathlib.Path("tests/golden/model_types")
OUT = pathlib.Path("tests/golden/stray_settings.json")
ROWS, MOST = 3, 8  # rows kept, and numbers of a row and of scores
MOST_PARAMETERS = 5_000_000
MASKED = re.compile("(MaskedLM|PreTraining)$")
warnings.filterwarnings("ignore")
T.logging.set_verbosity(50)
T.utils.logging.disable_progress_bar()


def values(names, *each):
    return {name: each for name in names.split()}


# Values that are no class's own.
OF_NORMS = values("layer_norm_eps layer_norm_epsilon norm_eps rms_norm_eps norm_epsilon", 0.37)
OF_SCORES = {
    **values("logits_scaling logit_scale lm_head_multiplier output_multiplier logits_mup_width_multiplier dim_model_base", 3),
    **values("final_logit_softcapping logits_soft_cap output_logit_soft_cap", 1.5),
    **values("scale_decoder_outputs tie_word_embeddings", True, False),
}
OF_TURNS = {
    **values("rope_theta rotary_emb_base global_rope_theta local_rope_theta rope_local_base_freq", 777),
    **values("partial_rotary_factor rotary_pct", 0.5),
    **values("rotary_dim", 4),
    **values("rope_interleave", True, False),
}
OF_MASKED = values("hidden_act activation classifier_activation activation_function hidden_activation", "relu")
OF_ALL = {
    **values("embedding_multiplier scale_emb embedding_scale", 3),
    **values(
        "scale_embedding mup_enabled rescale_embeddings scale_sqrt_depth use_task_id token_dropout position_biased_input"
        " layernorm_embedding emb_layer_norm_before trigram_input alibi sinusoidal_pos_embds normalize_embedding"
        " use_embedding_rms_norm enable_shape enable_pronunciation concat_input reset_position_index_per_cell axial_pos_embds",
        True,
        False,
    ),
    **values("normalization_type", "layer_norm", "no_norm"),
    **values("position_embedding_type", "absolute", "rotary", "rope", "relative_key"),
    **values("pad_token_id mask_token_id tag_pad_id subs_pad_id eoi_token_index", 7),
    **values("type_vocab_sizes", [3, 256]),
    **values("axial_pos_shape", [4, 16]),
}


def settings_for(made):
    """What can matter to a model: nothing asks for the norms of one that has none."""
    masked = MASKED.search(made["class"])
    return {
        **OF_ALL,
        **(OF_NORMS if made["kind"] == "other" or masked else {}),
        **(OF_SCORES if "logits" in made else {}),
        **(OF_TURNS if "rotary" in made else {}),
        **(OF_MASKED if masked else {}),
    }


def levels(config, path=()):
    """The config's own level, and those inside that have a vocabulary."""
    inner = [(key, value) for key, value in config.items() if isinstance(value, dict) and "vocab_size" in value]
    return [path, *(found for key, value in inner for found in levels(value, (*path, key)))]


def changes_of(made):
    """Each as the level of the config and what stands there instead; GONE: it is left out."""
    config = json.loads(made["config"])
    for path in levels(config):
        level = config
        for key in path:
            level = level[key]
        for setting, each in settings_for(made).items():
            yield from ((list(path), {setting: value}) for value in each if level.get(setting) != value)
        for setting in filter(MATTERS.search, level):
            yield list(path), {setting: GONE}
            if level[setting] is not None:
                yield list(path), {setting: None}
        if "rotary" in made and ("rope_parameters" in level or len(levels(config)) == 1):
            yield from ((list(path), change) for change in rope_changes(level))


GONE = dict(left_out=True)
MATTERS = re.compile(
    "rope|theta|head_dim|rotary|_eps|epsilon|scal|multiplier|cap|^tie_|pad_token|position|norm|type_vocab|layer_types|logit|_act"
    "|activation|interleave|mup|alibi|_pad_id|max_depth|^enable_|concat_input|axial|eoi_token|text_embed|coordinate_size"
)


def rope_changes(level):
    """The forms that files of several years give rope settings."""
    own = level.get("rope_parameters") or {}
    by_type = {key: value for key, value in own.items() if isinstance(value, dict)}
    alone = dict(rope_parameters=GONE)
    if by_type:
        for key, value in by_type.items():
            yield dict(rope_parameters={**own, key: {**value, "rope_theta": 777}})
            yield dict(rope_parameters={**own, key: dict(rope_type="linear", factor=2, rope_theta=777)})
            yield dict(rope_parameters={**own, key: dict(rope_type="default")})
            yield dict(rope_parameters={**own, key: None})
        yield dict(rope_parameters=dict(rope_type="default", rope_theta=777))
        yield {**alone, "rope_theta": 777}
        yield {**alone, "rope_theta": 777, "rope_local_base_freq": 55}
        yield {**alone, "rope_scaling": dict(rope_type="linear", factor=2)}
        yield {**alone, "rope_scaling": dict(type="linear", factor=2), "rope_theta": 777}
        return
    more = {key: value for key, value in own.items() if key not in ("rope_theta", "rope_type")}
    yield {**alone, "rope_theta": own.get("rope_theta"), "rope_scaling": {"rope_type": own.get("rope_type"), **more}}
    yield {**alone, "rope_theta": 777}
    yield {**alone, "rope_theta": 777, "rope_scaling": None}
    yield dict(rope_parameters={})
    yield dict(rope_parameters=dict(rope_type="default"), rope_theta=777)
    yield dict(rope_parameters={**own, "rope_theta": 778}, rope_theta=777)
    yield dict(rope_parameters={**own, "partial_rotary_factor": 0.5})
    yield dict(rope_parameters={**own, "partial_rotary_factor": None})
    yield dict(rope_parameters={**own, "partial_rotary_factor": 0.5}, partial_rotary_factor=1.0)
    yield dict(rope_parameters={**own, "rope_theta": None})
    mrope = {key: value for key, value in more.items() if key == "mrope_section"}
    for kind in SCALED:
        yield dict(rope_parameters={**mrope, **kind, "rope_theta": 777})
        yield {**alone, "rope_scaling": {**mrope, **kind}, "rope_theta": 777}
    first = SCALED[0]
    yield dict(rope_parameters={**mrope, **first})
    yield {**alone, "rope_scaling": {**mrope, **first}}
    yield {**alone, "rope_scaling": {**mrope, "type": "linear", "factor": 2}, "rope_theta": 777}
    yield dict(rope_parameters=own, rope_scaling=dict(rope_type="linear", factor=2))
    yield {**alone, "rope_scaling": {**mrope, **SCALED[2]}, "original_max_position_embeddings": 32}
    yield dict(rope_parameters={**mrope, **SCALED[1], "rope_theta": 777}, max_position_embeddings=128)


SCALED = [
    dict(rope_type="linear", factor=2),
    dict(rope_type="dynamic", factor=4),
    dict(rope_type="yarn", factor=4, original_max_position_embeddings=16),
    dict(rope_type="yarn", factor=4, mscale=1.5, mscale_all_dim=0.5, beta_fast=16, beta_slow=2),
    dict(rope_type="yarn", factor=4, attention_factor=1.5, truncate=False, original_max_position_embeddings=16),
    dict(rope_type="llama3", factor=8, low_freq_factor=1, high_freq_factor=4, original_max_position_embeddings=16),
]


def sources_of(model):
    """All that could name a setting: the classes of the model's parts and of their configs."""
    parts = {type(part) for part in model.modules()}
    configs = {type(part.config) for part in model.modules() if hasattr(part, "config")}
    modules = {kind.__module__ for each in parts | configs for kind in each.__mro__}
    known = [sys.modules[name] for name in sorted(modules) if name.startswith("transformers.models.")]
    return "\n".join(map(inspect.getsource, [*known, modeling_rope_utils]))


def can_matter(change, config, sources):
    known = lambda setting: setting in config or setting in ALWAYS or re.search(rf"\b{setting}\b", sources)
    return any(map(known, change))


ALWAYS = ("tie_word_embeddings", "rope_parameters", "rope_scaling", "rope_theta", "partial_rotary_factor", "pad_token_id")


def outputs(kind, folder):
    """The first rows that a block receives, scores, and turned queries; and the tensors that the files do not have."""
    # A model class may be another type's, with other defaults: exaone's is Llama's.
    config = AutoConfig.from_pretrained(folder)
    if config.sub_configs:
        config = kind.config_class.from_pretrained(folder)
    model, info = kind.from_pretrained(folder, config=config, output_loading_info=True)
    watch, part, failures = run(model.eval(), DIM)
    if watch is None:
        raise ValueError("; ".join(failures) or "no block received numbers")
    given, _, _ = input_of(watch)
    made = dict(part=part, embed=rounded(given[:ROWS]), logits=head_of(model).get("logits"), rotary=turns_of(model, watch))
    return made, sorted(info["missing_keys"])


def short(what, value):
    if what == "embed":
        width = len(value) // ROWS
        return [number for row in range(ROWS) for number in value[row * width : row * width + MOST]]
    return value[:MOST] if what == "logits" and value else value


def changed_config(written, path, change):
    settings = json.loads(json.dumps(written))
    level = settings
    for key in path:
        level = level[key]
    level.update(change)
    for setting in [setting for setting, value in change.items() if value == GONE]:
        del level[setting]
    return json.dumps(settings)


def record(name, made):
    """What changes something; and the changes that do not, by level."""
    model_type = name.partition("#")[0]
    kind, config = class_of(model_type), CONFIG_MAPPING[model_type](**complete_settings(name))
    with torch.device("meta"):
        size = sum(parameter.numel() for parameter in kind(config).parameters())
    if size > MOST_PARAMETERS:
        raise ValueError(f"{size} parameters: its towers are of one size")
    torch.manual_seed(1)
    changed, same = [], {}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        model = kind(config)
        sources = sources_of(model)
        model.save_pretrained(folder)
        torch.save({}, folder / "spk_dict.pt")
        add_copies(folder / "model.safetensors", COPIES.get(name, {}))
        refill(folder / "model.safetensors")
        written = json.loads((folder / "config.json").read_text())
        base, _ = outputs(kind, folder)
        for path, change in changes_of(made):
            found, missing = {}, []
            if can_matter(change, made["config"], sources):
                (folder / "config.json").write_text(changed_config(written, path, change))
                try:
                    found, missing = outputs(kind, folder)
                    if found["part"] != base["part"]:
                        continue  # that part does not run any more: what another makes of ids is nothing to compare with
                except Exception:
                    continue  # transformers builds no such model: there is nothing to be equal to
            differs = {what: short(what, each) for what, each in found.items() if each != base[what]}
            if differs or missing:
                changed.append([path, change, {**differs, **(dict(missing=missing) if missing else {})}])
            else:
                same.setdefault(json.dumps(path), []).append(change)
    return changed, same


def main():
    made = {}
    for path in sorted(MADE.glob("*.json")):
        made.update(json.loads(path.read_text())["types"])
    types = read() if OUT.exists() else {}
    for name in sorted(name for name, each in made.items() if "why" not in each):
        if not wanted(name):
            continue
        try:
            changed, same = record(name, made[name])
        except Exception as error:
            print(name, type(error).__name__, str(error)[:200], flush=True)
            continue
        types[name] = dict(changed=changed, same=[[json.loads(path), each] for path, each in same.items()])
        print(name, len(changed), sum(len(each) for _, each in same.items()), flush=True)
        write(types)


def read():
    """Every change and every outcome stands in the file once, and is meant by its number."""
    file = json.loads(OUT.read_text())
    trials, outcomes = file["trials"], file["outcomes"]
    return {
        name: dict(
            changed=[
                [path, trials[change], {part: outcomes[part][number] for part, number in outcome.items()}]
                for path, change, outcome in made["changed"]
            ],
            same=[[path, [trials[change] for change in each]] for path, each in made["same"]],
        )
        for name, made in file["types"].items()
    }


class Numbered:
    """Values, each once."""

    def __init__(self):
        self.numbers = {}

    def of(self, value):
        return self.numbers.setdefault(short_json(value), len(self.numbers))

    def __str__(self):
        return "[" + ",\n".join(self.numbers) + "]"


short_json = lambda value: json.dumps(value, separators=(",", ":"))


def write(types):
    trials, outcomes, lines = Numbered(), {part: Numbered() for part in ("embed", "logits", "rotary", "missing")}, []
    for name in sorted(types):
        changed = [
            [path, trials.of(change), {part: outcomes[part].of(value) for part, value in outcome.items()}]
            for path, change, outcome in types[name]["changed"]
        ]
        same = [[path, [trials.of(change) for change in each]] for path, each in types[name]["same"]]
        lines.append(f"{json.dumps(name)}:{short_json(dict(changed=changed, same=same))}")
    versions = json.dumps(dict(torch=torch.__version__, transformers=T.__version__))
    parts = ",\n".join(f"{json.dumps(part)}:{each}" for part, each in outcomes.items())
    text = ",\n".join(lines)
    OUT.write_text(f'{{"versions":{versions},"trials":{trials},\n"outcomes":{{{parts}}},\n"types":{{\n{text}\n}}}}\n')


if __name__ == "__main__":
    main()
    finish()
