"""Writes tests/golden/rotary.json: queries turned by transformers, for each rope type and for partial rotation; and the
frequencies of each type of layer, for configs as they were written before transformers 5.

    python tools/golden/rotary.py [NAME or MODEL_TYPE ...]     (torch, transformers)
"""
import json

import torch
import transformers
from transformers import GPTNeoXConfig, LlamaConfig
from transformers.models.gpt_neox import modeling_gpt_neox as neox
from transformers.models.llama import modeling_llama as llama

from golden_file import JsonFile, finish

SHAPE = dict(hidden_size=32, num_attention_heads=2, num_key_value_heads=2, head_dim=16, intermediate_size=8,
             num_hidden_layers=1, vocab_size=8)
HALF = 8
TYPES = {
    "default": dict(rope_type="default", rope_theta=10000.0),
    "linear": dict(rope_type="linear", rope_theta=10000.0, factor=4.0),
    "dynamic, short": dict(rope_type="dynamic", rope_theta=10000.0, factor=2.0),
    "dynamic, long": dict(rope_type="dynamic", rope_theta=10000.0, factor=2.0),
    "yarn": dict(rope_type="yarn", rope_theta=10000.0, factor=8.0, original_max_position_embeddings=64),
    "yarn, mscale": dict(rope_type="yarn", rope_theta=10000.0, factor=8.0, original_max_position_embeddings=64,
                         mscale=0.7, mscale_all_dim=1.0, beta_fast=16, beta_slow=2, truncate=False),
    "longrope, short": dict(rope_type="longrope", rope_theta=10000.0, original_max_position_embeddings=64,
                            short_factor=[1 + i / 10 for i in range(HALF)], long_factor=[2 + i for i in range(HALF)]),
    "longrope, long": dict(rope_type="longrope", rope_theta=10000.0, original_max_position_embeddings=64,
                           short_factor=[1 + i / 10 for i in range(HALF)], long_factor=[2 + i for i in range(HALF)]),
    "llama3": dict(rope_type="llama3", rope_theta=500000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                   original_max_position_embeddings=64),
    "proportional": dict(rope_type="proportional", rope_theta=10000.0, partial_rotary_factor=0.25, factor=2.0),
}


def rounded(tensor):
    return [float(f"{x:.9g}") for x in tensor.flatten().tolist()]


def case(name, config, module, apply, rotary_dim=16):
    long = name.endswith("long")
    positions = [0, 1, 5, 300] if long else [0, 1, 5, 40]
    torch.manual_seed(len(name))
    q = torch.randn(1, 2, len(positions), 16)
    rotary = module(config=config)
    cos, sin = rotary(q, torch.tensor([positions]))
    turned, _ = apply(q, q, cos, sin)
    to_rows = lambda x: rounded(x[0].transpose(0, 1))  # (n, heads, head_dim)
    written = {k: v for k, v in config.to_dict().items() if k in (
        "head_dim", "hidden_size", "num_attention_heads", "max_position_embeddings", "rope_parameters")}
    return dict(name=name, config=written, positions=positions, rotaryDim=rotary_dim,
                attentionFactor=float(rotary.attention_scaling), q=to_rows(q), turned=to_rows(turned))


golden = JsonFile("tests/golden/rotary.json", torch=torch.__version__, transformers=transformers.__version__)
cases = golden.cases("cases", lambda each: each["name"])
for name, parameters in TYPES.items():
    if not cases.wanted(name):
        continue
    most = 64 if parameters["rope_type"] == "dynamic" else 512
    config = LlamaConfig(**SHAPE, max_position_embeddings=most, rope_parameters=dict(parameters))
    cases.add(name, case(name, config, llama.LlamaRotaryEmbedding, llama.apply_rotary_pos_emb))
config = GPTNeoXConfig(hidden_size=32, num_attention_heads=2, max_position_embeddings=64, num_hidden_layers=1,
                       rope_parameters=dict(rope_type="default", rope_theta=10000.0, partial_rotary_factor=0.5))
if cases.wanted("partial"):
    cases.add("partial", case("partial", config, neox.GPTNeoXRotaryEmbedding, neox.apply_rotary_pos_emb, 8))

OLD = dict(hidden_size=32, num_attention_heads=2, num_key_value_heads=2, head_dim=16, num_hidden_layers=2, vocab_size=64,
           max_position_embeddings=512, layer_types=["sliding_attention", "full_attention"], pad_token_id=0)
FORMS = [
    dict(model_type="gemma3_text", rope_theta=2e6, rope_local_base_freq=2e4, rope_scaling=dict(rope_type="linear", factor=8.0)),
    dict(model_type="gemma3_text"),
    dict(model_type="modernbert", global_rope_theta=90000.0, local_rope_theta=500.0, cls_token_id=1, sep_token_id=1,
         bos_token_id=1, eos_token_id=1),
    dict(model_type="olmo3", rope_theta=500000, rope_scaling=dict(rope_type="yarn", factor=8.0, attention_factor=1.2,
         beta_fast=32, beta_slow=1, original_max_position_embeddings=64)),
]


def by_layer_type(form):
    config = transformers.AutoConfig.for_model(**{**OLD, **json.loads(json.dumps(form))})
    model = transformers.AutoModel.from_config(config)
    embedding = model.rotary_emb
    of = lambda layer_type, what: (getattr(embedding, f"{layer_type}_{what}") if hasattr(embedding, f"{layer_type}_{what}")
                                   else getattr(model.rotary_embs[layer_type], what))
    return dict(config={**{k: OLD[k] for k in ("head_dim", "max_position_embeddings", "layer_types")}, **form},
                layers={layer_type: dict(frequencies=rounded(of(layer_type, "inv_freq")),
                                         attentionFactor=float(of(layer_type, "attention_scaling")))
                        for layer_type in OLD["layer_types"]})


layers = golden.cases("layers", lambda each: each["config"]["model_type"])
for form in FORMS:
    if layers.wanted(form["model_type"]):
        layers.add(form["model_type"], by_layer_type(form))
golden.write()
finish()
