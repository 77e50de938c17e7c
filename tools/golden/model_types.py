"""Writes tests/golden/model_types/: for every model type of transformers with a table of tokens, what its own code makes of a
tiny checkpoint's two ends. Of the checkpoint only the names and shapes are kept: every tensor is filled by its name, as the
test fills it again. Two configs each: one that says everything, with settings that are not the class's own, and one that says
sizes only, for which transformers takes its class's defaults.

    python tools/golden/model_types.py [model type ...]
    (torch 2.9.1, transformers 5.24.0, safetensors; pillow, torchvision and timm for a few towers)
"""

import json
import pathlib
import re
import tempfile
import traceback
import warnings

import torch
import transformers as T
from safetensors.torch import load_file, save_file
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from golden_file import finish, wanted
from observed import IDS, NOT_TEXT, filled, run, scores
from tiny_models import class_of, complete_settings, sparse_settings
from tiny_settings import COPIES, DIM, VARIANTS

OUT = pathlib.Path("tests/golden/model_types")
KEPT = [0, 1, 2]  # of the ids, whose rows are recorded
AT = [1, 4]  # positions of recorded queries
MOST_PARAMETERS = 300_000_000  # some towers are not small at any size
VERBOSE = False  # whether to say where a model failed
MOST_SHOWN = 60  # tensors
MOST = 32  # numbers of a recorded query
NUMBERED = re.compile(r"xpath_\w+_embeddings\.\d|position_embeddings\.weights")  # tables of the ends in a list
UNSAID = ("architectures", "transformers_version", "id2label", "label2id", "_name_or_path", "dtype", "torch_dtype")
A_TOWER = re.compile(
    "(vision|audio|vq|sam|speech|codec|talker|token2wav|code2wav|codes|image|video|quantizer|backbone|encoder_mm|protein|adapter|head|flow|depth|mimi|tokenizer)\\w*_config"
)
warnings.filterwarnings("ignore")
T.logging.set_verbosity(50)
T.utils.logging.disable_progress_bar()


def rounded(values):
    return [float(f"{value:.7g}") for value in values.detach().double().flatten().tolist()]


def of_ends(name):
    """Whether a tensor may belong to one of the ends: it is in no numbered block, or is the first thing of a block that says
    which kind of model this is."""
    return NUMBERED.search(name) is not None or not any(part.isdigit() for part in name.split("."))


def refill(path):
    """Fills the ends' tensors by their names. What is left of a tower's are those whose names could be mistaken."""
    tensors = load_file(path)
    ends = {name: value for name, value in tensors.items() if of_ends(name)}
    # Tables of waves stay true where a model stores them.
    filling = {
        name: filled(name, value.shape)
        for name, value in ends.items()
        if value.is_floating_point() and not re.search(r"inv_freq|roformer.*embed_positions|rotary_emb\.alpha", name)
    }
    save_file({**tensors, **filling}, path, metadata=dict(format="pt"))
    mistakable = re.compile(r"embed|wte|shared|word|head|token|position")
    blocks = [name for name in tensors if not of_ends(name) and not NOT_TEXT.search(name)]
    first = min(blocks, key=lambda name: tensors[name].numel(), default=None)
    shown = [
        name for name in ends if not NOT_TEXT.search(name) or (mistakable.search(name) and ends[name].numel() < 1e5)
    ]
    if len(shown) > MOST_SHOWN:
        shown.sort(key=lambda name: not re.search("text|token", name))
    shapes = {name: list(tensors[name].shape) for name in [*shown[:MOST_SHOWN], *([first] if first else [])]}
    # A T5's decoder tells it from an encoder alone.
    decoder = next((name for name in tensors if "decoder" in name and not of_ends(name)), None)
    return {**shapes, **({decoder: list(tensors[decoder].shape)} if decoder else {})}


def without_towers(config):
    """What a config.json says of the text: towers' settings are of no use here."""
    if not isinstance(config, dict):
        return config
    return {
        key: without_towers(value)
        for key, value in config.items()
        if key not in UNSAID and not (A_TOWER.fullmatch(key) and isinstance(value, dict))
    }


def text_config(model):
    try:
        return model.config.get_text_config()
    except ValueError:
        return model.config


def input_of(watch):
    """What the first block receives, a row a token. Some have several streams a token: the first, and how many."""
    given = watch.input
    sizes = list(given.shape[:-1])  # some pad a text to their window
    tokens = sizes.index(IDS.shape[1]) if IDS.shape[1] in sizes else 1
    streams = given.moveaxis(tokens, 0)[: IDS.shape[1]].reshape(IDS.shape[1], -1, given.shape[-1])
    return streams[:, 0], streams.shape[1], bool((streams == streams[:, :1]).all())


def kind_of(model, given):
    """rows, rows × a number, or something else"""
    try:
        table = model.get_input_embeddings().weight
        rows = table[IDS[0]].detach()
    except Exception:
        return "other"
    if rows.shape != given.shape:
        return "other"
    if torch.equal(rows, given):
        return "rows"
    ratio = (given / rows)[rows != 0]
    return "rows × a number" if (ratio.max() - ratio.min()).abs() < 1e-5 * ratio.abs().max() else "other"


def turned(turn):
    """What a layer makes of one query at the positions `AT`, or None where this is not a turn of heads."""
    shape = turn.queries.shape
    if shape[-1] % 2 or IDS.shape[1] not in shape[:-1]:
        return None
    query = filled("query", (shape[-1],))
    out = turn.of(query.expand(shape).clone())
    places = list(shape[:-1]).index(IDS.shape[1])
    out = torch.stack([out.select(places, at).reshape(-1, out.shape[-1])[0] for at in AT])
    if out.shape[-1] != shape[-1]:
        return None
    reordered = not torch.allclose(pairs(out), pairs(query.expand_as(out)), rtol=1e-3, atol=1e-4) and is_reordered(
        out, query
    )
    if reordered:  # neighbours turn and then stand half a head apart, of queries and keys alike: undone
        out = out.unflatten(-1, (2, shape[-1] // 2)).transpose(-1, -2).flatten(-2)
    step = -(-shape[-1] // MOST)
    return dict(dim=shape[-1], step=step, out=rounded(out[:, ::step]), **(dict(reordered=True) if reordered else {}))


def pairs(x):
    return torch.cat([x.unflatten(-1, (-1, 2)).norm(dim=-1)], -1)


def is_reordered(out, query):
    halves = out.unflatten(-1, (2, -1)).norm(dim=-2)
    return torch.allclose(
        halves / halves.sum(), (lambda n: n / n.sum())(pairs(query).expand_as(halves)), rtol=1e-3, atol=1e-5
    )


def turns_of(model, watch):
    """By type of layer what turns; a list of one for models whose layers are alike. A type that does not turn is null."""
    config = text_config(model)
    kinds = getattr(config, "layer_types", None) or []
    by_layer = {}
    for turn in watch.turns:
        if turn.layer is None or turn.layer in by_layer:
            continue
        found = turned(turn)
        if found:
            by_layer[turn.layer] = found
    if not by_layer:
        return None
    stack = next(iter(by_layer)).rsplit(".", 1)[0]
    found = {
        int(layer.rsplit(".", 1)[1]): value for layer, value in by_layer.items() if layer.rsplit(".", 1)[0] == stack
    }
    labels = {i: kinds[i] if i < len(kinds) else None for i in range(max(len(kinds), max(found) + 1))}
    by_type = {}
    for i, label in labels.items():
        by_type.setdefault(label, []).append(found.get(i))
    by_type = {label: next((each for each in values if each), None) for label, values in by_type.items()}
    values = list(by_type.values())
    same = all(each == values[0] for each in values)
    return {"": values[0]} if same else {label or "": value for label, value in by_type.items()}


def head_of(model):
    """The scores of a hidden state, if this model has them; `head` is the state's size where it is not the blocks'."""
    size = getattr(text_config(model), "hidden_size", DIM)
    why = {}
    for part in [model, *(getattr(model, name) for name in ("language_model", "text_decoder") if hasattr(model, name))]:
        own = getattr(part.get_output_embeddings() if part.can_generate() else None, "in_features", size)
        for dim in dict.fromkeys((size, own, 2 * size)):
            try:
                logits = scores(part, filled("hidden", (1, dim)))
            except Exception as error:
                why = why or dict(no_logits=f"{type(error).__name__}: {str(error)[:80]}")
                continue
            if logits is not None:
                return dict(logits=rounded(logits[0]), **(dict(head=dim) if dim != size else {}))
    return why


def per_layer_inputs(model):
    """What each block of a Gemma 3n or 4 is given besides, for the first id: (layers, size)."""
    owner = next((part for part in model.modules() if getattr(part, "embed_tokens_per_layer", None) is not None), None)
    if owner is None:
        return {}
    with torch.no_grad():
        inputs = owner.project_per_layer_inputs(owner.embed_tokens(IDS), owner.get_per_layer_inputs(IDS))[0, 0]
    return dict(per_layer=dict(layers=inputs.shape[0], dim=inputs.shape[1], out=rounded(inputs[:, :8])))


def add_copies(path, copies):
    """Gives a checkpoint tensors of the shapes of others: what should be one table is two."""
    tensors = load_file(path)
    save_file({**tensors, **{name: tensors[of].clone() for name, of in copies.items()}}, path, metadata=dict(format="pt"))


def case(kind, settings, wanted, copies={}):
    """One checkpoint: its config.json, its tensors, and what becomes of ids, of a hidden state and of queries."""
    torch.manual_seed(1)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        model = kind(wanted)
        kind_config = type(wanted)
        model.save_pretrained(folder)
        torch.save({}, folder / "spk_dict.pt")  # Qwen2.5-Omni's voices
        add_copies(folder / "model.safetensors", copies)
        tensors = refill(folder / "model.safetensors")
        written = json.loads((folder / "config.json").read_text())
        config = {"model_type": written["model_type"], **(settings or without_towers(written))}
        if settings is not None:
            (folder / "config.json").write_text(json.dumps({**settings, "model_type": written["model_type"]}))
        model = kind.from_pretrained(folder, config=kind_config.from_pretrained(folder)).eval()
    watch, part, failures = run(model, DIM)
    if watch is None:
        raise ValueError("; ".join(failures) or "no block received numbers")
    given, streams, alike = input_of(watch)
    made = dict(
        config=json.dumps(without_towers(config), separators=(",", ":")),
        tensors=tensors,
        kind=kind_of(model, given),
        part=part,
        dim=given.shape[-1],
    )
    # Of rows as they are, a few numbers show which; what has passed a norm depends on all.
    made["embed"] = rounded(given[KEPT] if made["kind"] == "other" else given[KEPT][:, :8])
    if streams > 1:
        made["streams"] = "alike" if alike else "different"
    names = {
        name for pair in getattr(model, "all_tied_weights_keys", {}).items() for name in pair if name.endswith("weight")
    }
    if names:
        made["tied"] = sorted(names)
    made.update(per_layer_inputs(model))
    made.update(head_of(model))
    turns = turns_of(model, watch)
    if turns:
        made["rotary"] = turns
    return made


def record(name):
    model_type, _, variant = name.partition("#")
    kind = class_of(model_type)
    if not kind:
        return dict(why="transformers has no class for it alone")
    config = CONFIG_MAPPING[model_type]
    try:
        settings = complete_settings(name)
        with torch.device("meta"):
            size = sum(parameter.numel() for parameter in kind(config(**settings)).parameters())
        if size > MOST_PARAMETERS:
            return dict(why=f"its tiny model has {size} parameters: its towers are of one size")
        full = case(kind, None, config(**settings), COPIES.get(name, {}))
    except Exception as error:
        if VERBOSE:
            traceback.print_exc()
        return dict(why=f"{type(error).__name__}: {' '.join(str(error).split())[:150]}")
    made = {"class": kind.__name__, **full}
    if variant:
        return made
    sparse = sparse_settings(model_type)
    try:
        few = case(kind, sparse, config(**json.loads(json.dumps(sparse))))
    except Exception as error:
        if VERBOSE:
            traceback.print_exc()
        made["no_sparse"] = f"{type(error).__name__}: {' '.join(str(error).split())[:150]}"
        return made
    few["embed"] = few["embed"][: len(few["embed"]) // len(KEPT)]
    for key in ("tensors", "kind", "part", "dim", "streams", "tied"):
        if few.get(key) == made.get(key):
            few.pop(key, None)
    made["sparse"] = few
    return made


def main(names):
    OUT.mkdir(parents=True, exist_ok=True)
    versions = dict(torch=torch.__version__, transformers=T.__version__)
    for letter in sorted({name[0].lower() for name in names}):
        path = OUT / f"{letter}.json"
        old = json.loads(path.read_text())["types"] if path.exists() else {}
        for name in names:
            if name[0].lower() == letter:
                old[name] = record(name)
                print(
                    name,
                    old[name].get("why") or old[name]["kind"],
                    old[name].get("no_logits", ""),
                    old[name].get("no_sparse", ""),
                    flush=True,
                )
        lines = ",\n".join(f"{json.dumps(name)}:{json.dumps(old[name], separators=(',', ':'))}" for name in sorted(old))
        path.write_text(f'{{"versions":{json.dumps(versions)},"types":{{\n{lines}\n}}}}\n')


def has_vocabulary(model_type):
    """Whether its config's class, or its text's, has a vocabulary: nothing else has a table of tokens."""
    try:
        config = CONFIG_MAPPING[model_type]()
        return any(
            getattr(each, "vocab_size", 0) != 0
            for each in (config, config.get_text_config())
            if hasattr(each, "vocab_size")
        )
    except Exception:
        return True


if __name__ == "__main__":
    everything = [*(name for name in CONFIG_MAPPING if has_vocabulary(name)), *VARIANTS]
    main([name for name in everything if wanted(name)])
    finish()
