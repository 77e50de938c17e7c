"""Writes tests/golden/changed_checkpoints.json: tiny checkpoints whose files are as people's are: other prefixes, tables under
another name or twice, parts left out, other types of numbers. For each what transformers makes of its rows and scores, or what
it takes at random because the file has it not.

    python tools/golden/changed_checkpoints.py [case ...]
    (torch 2.9.1, transformers 5.24.0, safetensors)
"""

import json
import pathlib
import re
import tempfile
import warnings

import torch
import transformers as T
from golden_file import NAMES, finish, wanted
from observed import IDS, filled, run, scores
from safetensors.torch import load_file, save_file

OUT = pathlib.Path("tests/golden/changed_checkpoints.json")
DIM, VOCAB = 16, 40
warnings.filterwarnings("ignore")
T.logging.set_verbosity(50)
T.utils.logging.disable_progress_bar()
SMALL = dict(vocab_size=VOCAB, pad_token_id=1, bos_token_id=2, eos_token_id=3)
DECODER = dict(SMALL, hidden_size=DIM, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=2, max_position_embeddings=32)
ENCODER = dict(SMALL, hidden_size=DIM, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2, max_position_embeddings=32)
KINDS = {
    "llama": ("LlamaForCausalLM", DECODER),
    "qwen2": ("Qwen2ForCausalLM", dict(DECODER, tie_word_embeddings=True)),
    "gemma2": ("Gemma2ForCausalLM", dict(DECODER, head_dim=8)),
    "cohere": ("CohereForCausalLM", DECODER),
    "gpt2": ("GPT2LMHeadModel", dict(SMALL, n_embd=DIM, n_layer=1, n_head=2, n_positions=32)),
    "gpt_neox": ("GPTNeoXForCausalLM", DECODER),
    "opt": ("OPTForCausalLM", dict(SMALL, hidden_size=DIM, word_embed_proj_dim=DIM, ffn_dim=16, num_hidden_layers=1, num_attention_heads=2, max_position_embeddings=32)),
    "bloom": ("BloomForCausalLM", dict(SMALL, hidden_size=DIM, n_layer=1, n_head=2)),
    "falcon": ("FalconForCausalLM", dict(SMALL, hidden_size=DIM, num_hidden_layers=1, num_attention_heads=2)),
    "phi": ("PhiForCausalLM", DECODER),
    "bert": ("BertForMaskedLM", ENCODER),
    "bert pretraining": ("BertForPreTraining", ENCODER),
    "bert classes": ("BertForSequenceClassification", ENCODER),
    "roberta": ("RobertaForMaskedLM", ENCODER),
    "xlm-roberta": ("XLMRobertaForMaskedLM", ENCODER),
    "distilbert": ("DistilBertForMaskedLM", dict(SMALL, dim=DIM, hidden_dim=16, n_layers=1, n_heads=2, max_position_embeddings=32)),
    "electra": ("ElectraForMaskedLM", dict(ENCODER, embedding_size=8)),
    "albert": ("AlbertForMaskedLM", dict(ENCODER, embedding_size=8)),
    "mpnet": ("MPNetForMaskedLM", ENCODER),
    "deberta-v2": ("DebertaV2ForMaskedLM", dict(ENCODER, type_vocab_size=0)),
    "modernbert": ("ModernBertForMaskedLM", dict(ENCODER, cls_token_id=2, sep_token_id=3)),
    "nomic_bert": ("NomicBertModel", ENCODER),
    "t5": ("T5ForConditionalGeneration", dict(SMALL, d_model=DIM, d_kv=8, d_ff=16, num_layers=1, num_heads=2)),
    "t5 encoder": ("T5EncoderModel", dict(SMALL, d_model=DIM, d_kv=8, d_ff=16, num_layers=1, num_heads=2)),
    "bart": ("BartForConditionalGeneration", dict(SMALL, d_model=DIM, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=16, decoder_ffn_dim=16, max_position_embeddings=32)),
    "marian": ("MarianMTModel", dict(SMALL, d_model=DIM, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=16, decoder_ffn_dim=16, max_position_embeddings=32, decoder_vocab_size=VOCAB)),
    "whisper": ("WhisperForConditionalGeneration", dict(SMALL, d_model=DIM, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=16, decoder_ffn_dim=16, max_target_positions=32, max_source_positions=8)),
    "clip_text_model": ("CLIPTextModel", ENCODER),
    "llava": ("LlavaForConditionalGeneration", None),
}
LLAVA = dict(
    text_config=dict(DECODER, model_type="llama"),
    vision_config=dict(hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2, image_size=16, patch_size=8, model_type="clip_vision_model"),
    image_token_index=36,
)


def made(name):
    kind, settings = KINDS[name]
    kind = getattr(T, kind)
    config = kind.config_class(**(LLAVA if settings is None else settings))
    torch.manual_seed(1)
    return kind, kind(config)


def table_names(model, tensors):
    """All names of the token table, those of a file first."""
    weight = model.get_input_embeddings().weight
    names = [name for name, each in model.state_dict(keep_vars=True).items() if each is weight]
    return names


def head_names(model):
    head = model.get_output_embeddings() if hasattr(model, "get_output_embeddings") else None
    return [name for name, each in model.state_dict(keep_vars=True).items() if head is not None and each is head.weight]


def renamed(tensors, change):
    return {change(name): value for name, value in tensors.items()}


def changes(name, model, tensors):
    """What may be done to a file: by name, its tensors and what its config says otherwise."""
    table, head = table_names(model, tensors), head_names(model)
    stored = next((each for each in table if each in tensors), None)
    prefix = model.base_model_prefix + "."
    yield "as it is", tensors, {}
    yield "without its prefix", renamed(tensors, lambda each: each.removeprefix(prefix)), {}
    yield "with its prefix everywhere", renamed(tensors, lambda each: each if each.startswith(prefix) else prefix + each), {}
    yield "its prefix twice", renamed(tensors, lambda each: prefix + each), {}
    body = {each: value for each, value in tensors.items() if each.startswith(prefix)}
    if body and len(body) < len(tensors):
        yield "the body alone", body, {}
        yield "the body alone, without its prefix", renamed(body, lambda each: each.removeprefix(prefix)), {}
    for other in ["module.", "_orig_mod.", "base_model.model.", "model.", "transformer.", "language_model.", "student.", "0.auto_model.", "text_model."]:
        yield f"with {other}", renamed(tensors, lambda each: other + each), {}
    for tied in (True, False):
        yield f"tie_word_embeddings {tied}", tensors, dict(tie_word_embeddings=tied)
    for each in dict.fromkeys([*table, *head]):
        if stored and each != stored:
            yield f"the table as {each} alone", renamed(tensors, lambda own: each if own == stored else own), {}
            yield f"the table twice, as {each}", {**tensors, each: tensors[stored].clone()}, {}
            yield f"another table as {each}", {**tensors, each: filled("another", tensors[stored].shape)}, {}
            yield f"another table as {each}, not tied", {**tensors, each: filled("another", tensors[stored].shape)}, dict(tie_word_embeddings=False)
            yield f"another table as {each}, tied", {**tensors, each: filled("another", tensors[stored].shape)}, dict(tie_word_embeddings=True)
    for part in list(tensors):
        if re.search(r"\.\d+\.", part):
            continue
        if part != stored:
            yield f"without {part}", {each: value for each, value in tensors.items() if each != part}, {}
    yield "norms as gamma and beta", renamed(tensors, lambda each: re.sub("(norm|LayerNorm|layer_norm|ln_f)\\.weight$", "\\1.gamma", re.sub("(norm|LayerNorm|layer_norm|ln_f)\\.bias$", "\\1.beta", each))), {}
    for dtype in ["float16", "bfloat16", "float64"]:
        yield f"in {dtype}", {each: value.to(getattr(torch, dtype)) for each, value in tensors.items()}, {}
    if stored:
        yield "a table in float16 among float32", {**tensors, stored: tensors[stored].half()}, {}
        yield "one row more", {**tensors, stored: torch.cat([tensors[stored], tensors[stored][:1]])}, {}
        yield "one row less", {**tensors, stored: tensors[stored][:-1]}, {}
        yield "a table that is turned", {**tensors, stored: tensors[stored].T.contiguous()}, {}
    yield "more tensors", {**tensors, "extra.weight": torch.zeros(3, 4), "step": torch.tensor(5), "none": torch.zeros(0), "position_ids": torch.arange(32)[None]}, {}


def observed(kind, config, tensors):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "config.json").write_text(json.dumps(config))
        save_file({name: value.contiguous() for name, value in tensors.items()}, folder / "model.safetensors", metadata=dict(format="pt"))
        try:
            model, info = kind.from_pretrained(folder, output_loading_info=True, dtype=torch.float32)
        except Exception as error:
            return dict(error=f"{type(error).__name__}: {' '.join(str(error).split())[:90]}")
    model.eval()
    missing = sorted(name for name in info["missing_keys"] if not re.search(r"\.\d+\.", name))
    watch, part, failures = run(model, DIM)
    if watch is None:
        return dict(error="; ".join(failures)[:90])
    found = dict(missing=missing, embed=rounded(watch.input.reshape(-1, watch.input.shape[-1])[0]))
    try:
        head = next((size for size in (DIM, 8, getattr(model.config, "hidden_size", DIM)) if (logits := attempt(model, size)) is not None), None)
        if head:
            found.update(head=head, logits=rounded(attempt(model, head)[0][:12]))
    except Exception:
        pass
    return found


def attempt(model, size):
    if not (hasattr(model, "get_output_embeddings") and model.get_output_embeddings() is not None):
        return None
    try:
        return scores(model, filled("hidden", (1, size)))
    except Exception:
        return None


def rounded(values):
    return [float(f"{value:.6g}") for value in values.detach().double().flatten().tolist()]


def fill(tensors):
    """Every tensor is filled by its name before names change."""
    return {
        name: value if not value.is_floating_point() or "sinusoid" in name else filled(name, value.shape)
        for name, value in tensors.items()
    }


def main():
    old = json.loads(OUT.read_text()) if NAMES else {}
    golden, configs, contents = (old.get(key, kind) for key, kind in (("cases", {}), ("configs", {}), ("contents", [])))

    def place(content):
        """Where it is in the list of all tensors."""
        if content not in contents:
            contents.append(content)
        return contents.index(content)

    for name in KINDS:
        kind, model = made(name)
        with tempfile.TemporaryDirectory() as folder:
            model.save_pretrained(folder)
            tensors = fill(load_file(pathlib.Path(folder) / "model.safetensors"))
            config = json.loads((pathlib.Path(folder) / "config.json").read_text())
        config = {key: value for key, value in config.items() if key not in ("transformers_version", "dtype", "id2label", "label2id")}
        seen = []
        for change, changed, settings in changes(name, model, tensors):
            case = f"{name}: {change}"
            key = (sorted((each, value.data_ptr(), value.dtype) for each, value in changed.items()), settings)
            if key in seen or not wanted(case):
                continue
            seen.append(key)
            found = observed(kind, {**config, **settings}, changed)
            if found.get("missing") and re.match("with|its prefix twice", change):
                continue  # transformers finds nothing in such a file
            ends = {each: value for each, value in changed.items() if not re.search(r"\.(?!0\.auto)\d+\.", each)}
            # A T5's decoder tells it from an encoder alone.
            ends.update({each: value for each, value in changed.items() if each.endswith("decoder.block.0.layer.0.layer_norm.weight")})
            stored = {each: place([list(value.shape), str(value.dtype).removeprefix("torch."), numbers_of(value, tensors)]) for each, value in ends.items()}
            golden[case] = dict(**(dict(settings=settings) if settings else {}), tensors=stored, **found)
        configs[name] = config
        print(name, sum(case.startswith(name + ":") for case in golden), flush=True)
    lines = ",\n".join(f"{json.dumps(name)}:{json.dumps(case, separators=(',', ':'))}" for name, case in golden.items())
    versions = dict(torch=torch.__version__.split("+")[0], transformers=T.__version__)
    OUT.write_text(f'{{"versions":{json.dumps(versions)},"configs":{json.dumps(configs)},"contents":{json.dumps(contents, separators=(",", ":"))},"cases":{{\n{lines}\n}}}}\n')
    print(OUT.stat().st_size, len(golden))


def numbers_of(value, tensors):
    """The name whose numbers these are, or the numbers, where they are few."""
    flat = value.double()
    for name, own in [*tensors.items(), ("another", None)]:
        own = filled("another", value.shape) if own is None else own
        if own.numel() == value.numel() and own.shape == value.shape and torch.equal(own.double().to(value.dtype), value):
            return name
    for name, own in tensors.items():
        if own.dim() == 2 and value.dim() == 2 and own.shape[1] == value.shape[1] and value.shape[0] in (own.shape[0] + 1, own.shape[0] - 1):
            rows = min(value.shape[0], own.shape[0])
            if torch.equal(own[:rows].double(), flat[:rows]):
                return name
        if own.dim() == 2 and own.T.shape == value.shape and torch.equal(own.T.double(), flat):
            return f"{name}^T"
    return flat.flatten().tolist()


main()
finish()
