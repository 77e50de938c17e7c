"""Writes tests/golden/class_defaults.json: the settings of a model's two ends that a config.json may leave out, by model type, as
transformers' config classes have them, of which tools/model_facts.mjs makes two files of web/models/families. And tests/golden/rope_configs.json: the rope parameters that those classes make of
configs as they were and are written.

    python tools/golden/model_defaults.py     (torch, transformers 5.24.0)
"""
import dataclasses
import inspect
import json
import pathlib
import subprocess
import warnings

import transformers as T
from golden_file import finish
from transformers.models.auto import modeling_auto
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

warnings.filterwarnings("ignore")
T.logging.set_verbosity(50)
T.utils.logging.disable_progress_bar()
GOLDEN = pathlib.Path("tests/golden/rope_configs.json")
RECORDS = pathlib.Path("tests/golden/class_defaults.json")

SIZES = ["hidden_size", "num_attention_heads", "max_position_embeddings"]
ROPE = ["qk_rope_head_dim", "rotary_dim", "rope_interleave", "original_max_position_embeddings"]
ENDS = ["tie_word_embeddings", "embedding_multiplier", "logits_scaling", "logit_scale", "lm_head_multiplier",
        "final_logit_softcapping", "logits_soft_cap", "scale_embedding", "scale_emb", "embedding_scale", "mup_enabled",
        "logits_mup_width_multiplier", "scale_decoder_outputs", "rescale_embeddings", "position_biased_input",
        "position_embedding_type", "alibi", "pad_token_id", "rope_interleave", "rotary_value", "layer_norm_eps",
        "layer_norm_epsilon", "rms_norm_eps", "norm_eps", "hidden_act", "activation", "activation_function", "use_task_id",
        "sinusoidal_pos_embds", "sinusoidal_embeddings", "emb_layer_norm_before", "token_dropout", "embedding_size",
        "input_embedding_size", "trigram_input", "add_cross_attention", "hidden_size_per_layer_input", "altup_num_inputs",
        "position_offset", "use_embedding_rms_norm", "do_layer_norm_before", "decoder_hidden_act", "hidden_activation",
        "output_multiplier", "dim_model_base"]
# What a setting means where it is left out and the table says nothing.
USUAL = dict(rope_theta=10000.0, tie_word_embeddings=False, embedding_multiplier=1.0, logits_scaling=1.0, lm_head_multiplier=1.0,
             scale_embedding=False, scale_emb=1, mup_enabled=False, rescale_embeddings=False, position_embedding_type=None,
             alibi=False, use_task_id=False, sinusoidal_pos_embds=False, sinusoidal_embeddings=False, add_cross_attention=False)
# Settings of the ends that only some kinds of model look at.
MASKED_ONLY = {"hidden_act", "activation", "activation_function", "hidden_activation"}
NORMED_ONLY = {"layer_norm_eps", "layer_norm_epsilon", "rms_norm_eps", "norm_eps"}


def seen_types():
    """Model types whose checkpoints have a table of tokens, and whether something is done to its rows, by model_types.py."""
    found = {}
    for path in sorted(pathlib.Path("tests/golden/model_types").glob("*.json")):
        for name, made in json.loads(path.read_text())["types"].items():
            if "#" not in name:
                found[name] = made
    return found


def field_default(kind, name):
    name = kind.attribute_map.get(name, name)
    return next((f.default for f in dataclasses.fields(kind) if f.name == name and f.default is not dataclasses.MISSING), None)


def rope_defaults(kind, config):
    """A class's own rope parameters: its base, or, where there is more to say, all of them."""
    if not any(f.name == "rope_parameters" for f in dataclasses.fields(kind)):
        theta = getattr(config, "rope_theta", None)
        return {"rope_theta": theta} if isinstance(theta, (int, float)) else {}
    parameters = config.rope_parameters or {}
    plain = parameters.get("rope_type") == "default" and set(parameters) <= {"rope_type", "rope_theta", "partial_rotary_factor"}
    if not plain:
        return {"rope_parameters": parameters, **base_beside(kind, parameters)}
    out = {"rope_theta": parameters["rope_theta"]}
    if parameters.get("partial_rotary_factor", 1.0) != 1.0:
        out["partial_rotary_factor"] = parameters["partial_rotary_factor"]
    return out


def base_beside(kind, parameters):
    """A class's base where a file gives rope parameters without one, if that is not the base of its own parameters."""
    try:
        found = kind(rope_scaling=dict(rope_type="linear", factor=4.0)).rope_parameters
    except Exception:
        return {}
    thetas = bases([found, *found.values()], lambda each: "factor" in each)
    own = bases([parameters, *parameters.values()], lambda each: True)
    return {"default_theta": min(thetas)} if len(thetas) == 1 and own != thetas else {}


def bases(parameters, counts):
    return {each["rope_theta"] for each in parameters if isinstance(each, dict) and "rope_theta" in each and counts(each)}


def defaults_of(name, made):
    kind = CONFIG_MAPPING[name]
    config = kind()
    nested = next((key for key in ("text_config", "thinker_config", "vlm_config", "text_encoder", "question_encoder", "decoder", "generator")
                   if isinstance(getattr(config, key, None), T.PreTrainedConfig)), None)
    if nested:
        inner = getattr(config, nested)
        tied = getattr(config, "tie_word_embeddings", None)
        # Of a nested config that leaves them out, some classes have other defaults than the text model's own.
        merges = "init_kwargs, **self." + nested in inspect.getsource(kind)
        own = kind.sub_configs_defaults[nested].init_kwargs if merges else {}
        return {"text": inner.model_type if nested == "text_config" else [nested, inner.model_type], **({"tie_word_embeddings": True} if tied else {}),
                **({"inner": {k: v for k, v in own.items() if k in ("head_dim", *SIZES, "rope_theta", "rope_parameters")}} if own else {})}
    masked = name in modeling_auto.MODEL_FOR_MASKED_LM_MAPPING_NAMES
    other = made.get("kind") == "other"
    out = {}
    for key in SIZES + ROPE + ENDS:
        if (key in MASKED_ONLY and not masked) or (key in NORMED_ONLY and not (other or masked)):
            continue
        value = field_default(kind, key)
        if value is None or (key in USUAL and value == USUAL[key]) or not isinstance(value, (int, float, bool, str)):
            continue
        out[key] = value
    head = field_default(kind, "head_dim")
    if isinstance(head, int):
        out["head_dim"] = head
    elif any(f.name == "attention_head_dim" for f in dataclasses.fields(kind)) and isinstance(config.attention_head_dim, int):
        out["head_dim"] = config.attention_head_dim
    rope = rope_defaults(kind, config) if made.get("rotary") or name.endswith(("text", "module", "decoder")) else {}
    out.update({k: v for k, v in rope.items() if USUAL.get(k) != v})
    kinds = getattr(config, "layer_types", None)
    if "rope_parameters" in out and isinstance(kinds, list):
        wide = {kinds[int(i)]: more["head_dim"] for i, more in (kind_overrides(config) or {}).items() if "head_dim" in more}
        if wide:
            out["head_dims"] = wide
    names = {own: key for key, own in kind.attribute_map.items() if key in SIZES + ENDS + ["head_dim"] and own not in out}
    if kind.attribute_map.get("head_dim") == "qk_rope_head_dim":  # either name says how many numbers turn
        names["head_dim"] = "qk_rope_head_dim"
    if names:
        out["names"] = names
    return out


def kind_overrides(config):
    return config.to_dict().get("per_layer_config")


def turning(record):
    """Whether rotary positions can be made of a config of this type alone."""
    return any(key.startswith(("rope_", "qk_rope", "partial_rotary")) for key in record)


def write_table():
    table = {}
    used = json.loads(subprocess.check_output(["node", "tools/golden/used_defaults.mjs"]))
    for name, made in seen_types().items():
        if "why" in made and not is_text(name):
            continue
        try:
            record = defaults_of(name, made)
        except Exception as error:
            print(name, error)
            continue
        if name not in used and "text" not in record and not turning(record):
            continue
        sized = "head_dim" in record or "qk_rope_head_dim" in record
        for key in ("pad_token_id", "hidden_size", "num_attention_heads", "max_position_embeddings"):
            if name in used and (key not in used[name] or (key == "num_attention_heads" and sized)):
                record.pop(key, None)
        table[name] = record
    records = ",\n".join(f"{json.dumps(name)}:{json.dumps(record, separators=(',', ':'))}" for name, record in sorted(table.items()))
    RECORDS.write_text(f'{{"versions":{json.dumps(dict(transformers=T.__version__))},"types":{{\n{records}\n}}}}\n')
    subprocess.run(["node", "tools/model_facts.mjs"], check=True)
    print(f"{RECORDS}: {RECORDS.stat().st_size} bytes, {len(table)} types")


def is_text(name):
    try:
        return bool(getattr(CONFIG_MAPPING[name](), "vocab_size", 0))
    except Exception:
        return False


LINEAR = dict(rope_type="linear", factor=4.0)
LLAMA3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=64)
YARN = dict(rope_type="yarn", factor=8.0, original_max_position_embeddings=64)
FORMS = {
    "nothing": {},
    "base": dict(rope_theta=12345.0),
    "scaling": dict(rope_scaling=LINEAR),
    "older scaling": dict(rope_scaling=dict(type="linear", factor=4.0)),
    "base and scaling": dict(rope_theta=12345.0, rope_scaling=LINEAR),
    "share": dict(partial_rotary_factor=0.75),
    "parameters": dict(rope_parameters=dict(**LINEAR, rope_theta=54321.0)),
    "parameters without a base": dict(rope_parameters=LINEAR),
    "llama3": dict(rope_scaling=LLAMA3, max_position_embeddings=512),
    "yarn": dict(rope_scaling=YARN, rope_theta=12345.0, max_position_embeddings=512),
}
KEPT = ("rope_type", "rope_theta", "partial_rotary_factor", "factor")


def write_ropes():
    types = {}
    for name, made in seen_types().items():
        kind = CONFIG_MAPPING[name]
        if not made.get("rotary") or not any(f.name == "rope_parameters" for f in dataclasses.fields(kind)):
            continue
        found = {}
        for form, settings in FORMS.items():
            try:
                config = kind(**json.loads(json.dumps(settings)))
                found[form] = config.rope_parameters
            except Exception:
                found[form] = None
        types[name] = found
    lines = ",\n".join(f"{json.dumps(k)}:{json.dumps(v, separators=(',', ':'))}" for k, v in sorted(types.items()))
    GOLDEN.write_text(f'{{"versions":{json.dumps(dict(transformers=T.__version__))},"forms":{json.dumps(FORMS)},"types":{{\n{lines}\n}}}}\n')
    print(f"{GOLDEN}: {GOLDEN.stat().st_size} bytes, {len(types)} types")


if __name__ == "__main__":
    write_table()
    write_ropes()
    finish()
