"""Writes tests/golden/stray_settings.json: what transformers makes of model_types.py's tiny checkpoints when one setting of their
config.json is another, or is there though their class does not know it. Only what differs from the unchanged checkpoint is kept.

    python tools/golden/stray_settings.py [case of model_types.py ...]     (torch 2.9.1, transformers 5.24.0)
"""

import json
import pathlib
import re
import tempfile
import warnings

import torch
import transformers as T
from golden_file import finish, wanted
from model_types import add_copies, head_of, input_of, refill, rounded, turns_of
from observed import run
from tiny_models import class_of, complete_settings
from tiny_settings import COPIES, DIM
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

MADE = pathlib.Path("tests/golden/model_types")
OUT = pathlib.Path("tests/golden/stray_settings.json")
ROWS, MOST = 3, 8  # rows kept, and numbers of a row and of scores
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
        " use_embedding_rms_norm",
        True,
        False,
    ),
    **values("normalization_type", "layer_norm", "no_norm"),
    **values("position_embedding_type", "absolute", "rotary", "rope", "relative_key"),
    **values("pad_token_id mask_token_id", 7),
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
    config = json.loads(made["config"])
    for path in levels(config):
        level = config
        for key in path:
            level = level[key]
        for setting, each in settings_for(made).items():
            for value in each:
                if level.get(setting) != value:
                    yield list(path), setting, value


def outputs(kind, folder):
    """The first rows that a block receives, scores, and turned queries; and the tensors that the files do not have."""
    config = kind.config_class.from_pretrained(folder)
    model, info = kind.from_pretrained(folder, config=config, output_loading_info=True)
    watch, _, failures = run(model.eval(), DIM)
    if watch is None:
        raise ValueError("; ".join(failures) or "no block received numbers")
    given, _, _ = input_of(watch)
    made = dict(embed=rounded(given[:ROWS]), logits=head_of(model).get("logits"), rotary=turns_of(model, watch))
    return made, sorted(info["missing_keys"])


def short(what, value):
    if what == "embed":
        width = len(value) // ROWS
        return [number for row in range(ROWS) for number in value[row * width : row * width + MOST]]
    return value[:MOST] if what == "logits" and value else value


def record(name, made):
    model_type = name.partition("#")[0]
    kind, config = class_of(model_type), CONFIG_MAPPING[model_type](**complete_settings(name))
    torch.manual_seed(1)
    kept = []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        kind(config).save_pretrained(folder)
        torch.save({}, folder / "spk_dict.pt")
        add_copies(folder / "model.safetensors", COPIES.get(name, {}))
        refill(folder / "model.safetensors")
        written = json.loads((folder / "config.json").read_text())
        base, _ = outputs(kind, folder)
        for path, setting, value in changes_of(made):
            settings = json.loads(json.dumps(written))
            level = settings
            for key in path:
                level = level[key]
            level[setting] = value
            (folder / "config.json").write_text(json.dumps(settings))
            try:
                found, missing = outputs(kind, folder)
            except Exception as error:
                kept.append([path, setting, value, dict(error=type(error).__name__)])
                continue
            changed = {what: short(what, each) for what, each in found.items() if each != base[what]}
            kept.append([path, setting, value, {**changed, **(dict(missing=missing) if missing else {})}])
    return kept


def main():
    made = {}
    for path in sorted(MADE.glob("*.json")):
        made.update(json.loads(path.read_text())["types"])
    old = json.loads(OUT.read_text())["types"] if OUT.exists() else {}
    for name in sorted(name for name, each in made.items() if "why" not in each):
        if not wanted(name):
            continue
        try:
            old[name] = record(name, made[name])
            print(name, len(old[name]), flush=True)
        except Exception as error:
            print(name, type(error).__name__, str(error)[:200], flush=True)
        lines = ",\n".join(f"{json.dumps(k)}:{json.dumps(old[k], separators=(',', ':'))}" for k in sorted(old))
        versions = json.dumps(dict(torch=torch.__version__, transformers=T.__version__))
        OUT.write_text(f'{{"versions":{versions},"types":{{\n{lines}\n}}}}\n')


if __name__ == "__main__":
    main()
    finish()
