"""Writes tests/golden/families.json: for more model types than checkpoints.py has whole files of, the names and shapes of
what a tiny checkpoint holds for its two ends, and what transformers' own code makes of them. Every tensor is filled by its
name, as the test fills it again.

    python tools/golden/families.py [MODEL_TYPE ...]     (torch, transformers)
"""
import json
import pathlib
import tempfile

import torch
import transformers as T
from safetensors.torch import load_file, save_file

from golden_file import JsonFile, finish
from model_ends import DECODER, DIM, ENCODER, SPECIAL, T5, first_block, flat, ids, logits, turned

ROWS = 3
PLACES = torch.tensor([[2, 30]])
BLOCKS = ("0", "1", "visual", "norm", "final_layernorm", "norm_f", "final_layer_norm", "embedding_norm", "pooler",
          "embed_tokens_per_layer", "per_layer_model_projection", "per_layer_projection_norm")
A_DECODER = "decoder.block.0.layer.0.layer_norm.weight"  # what tells a T5 from its encoder alone
UNSAID = ("architectures", "transformers_version", "vision_config", "id2label", "label2id")
golden = JsonFile("tests/golden/families.json", torch=torch.__version__, transformers=T.__version__)
cases = golden.cases("cases", lambda case: case["family"])


def filled(name, shape):
    """Numbers in [-1, 1) of 8 bits, by name and place."""
    seed = sum(ord(letter) * (i + 1) for i, letter in enumerate(name))
    places = torch.arange(1, torch.Size(shape).numel() + 1, dtype=torch.int64)
    return ((((places * 2654435761 + seed * 40503) % 2**32) >> 16) & 255).float().reshape(shape) / 128 - 1


def family(name, make, *, rotary=(), head=logits, size=DIM):
    if not cases.wanted(name):
        return
    model = make()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.safetensors"
        model.save_pretrained(folder)
        tensors = load_file(path)
        ends = {name: filled(name, value.shape) for name, value in tensors.items()
                if name == A_DECODER or not (name.startswith("model.decoder.") or any(part in BLOCKS for part in name.split(".")))}
        save_file({**tensors, **ends}, path, metadata=dict(format="pt"))
        model = type(model).from_pretrained(folder).eval()
        config = json.loads((pathlib.Path(folder) / "config.json").read_text())
    embed = first_block(model)[0][:ROWS]
    turns = [turned(model, layer_type, PLACES, *head_dim) for layer_type, *head_dim in rotary]
    assert model.config.get_text_config().model_type == name
    cases.add(name, dict(
        family=name, config={k: v for k, v in config.items() if k not in UNSAID},
        tensors={name: list(value.shape) for name, value in ends.items()}, ids=ids[0][:ROWS].tolist(), embed=flat(embed),
        head=size if head else None, logits=flat(head(model, filled("hidden", (1, size)))) if head else None, rotary=turns))


def decoder(model_type, kind=T.AutoModelForCausalLM, rotary=((None,),), head=logits, **more):
    config = {**DECODER, "num_hidden_layers": 2, **more}
    family(model_type, lambda: kind.from_config(T.AutoConfig.for_model(model_type, **config)), rotary=rotary, head=head)


def encoder(model_type, rotary=(), **more):
    config = {**ENCODER, **more}
    family(model_type, lambda: T.AutoModelForMaskedLM.from_config(T.AutoConfig.for_model(model_type, **config)), rotary=rotary)


def translator(model_type, config):
    family(model_type, lambda: T.AutoModelForSeq2SeqLM.from_config(T.AutoConfig.for_model(model_type, **config)))


def lm_head(model, hidden):
    return model.lm_head(hidden)


HYBRID = ["linear_attention", "full_attention"]
for model_type in ("seed_oss", "persimmon", "arcee", "ministral", "ministral3", "apertus", "bitnet", "minimax", "glm4_moe",
                   "ernie4_5_moe", "lfm2"):
    decoder(model_type)
decoder("llama4_text", head=lm_head)
decoder("deepseek_v3", qk_rope_head_dim=12)
half = dict(rope_type="default", rope_theta=1e4, partial_rotary_factor=0.5)
decoder("qwen3_next", layer_types=HYBRID, rope_parameters=dict(half))
decoder("qwen3_5_text", layer_types=HYBRID, rope_parameters=dict(half))
decoder("olmo_hybrid", rotary=(), layer_types=HYBRID)
decoder("falcon_h1", embedding_multiplier=3.0, lm_head_multiplier=0.5)
decoder("granitemoehybrid", embedding_multiplier=6.0, logits_scaling=4.0, mamba_n_heads=4, position_embedding_type="rope",
        layer_types=["mamba", "attention"])
decoder("bamba", mamba_n_heads=4, attn_layer_indices=[1])
decoder("jamba", rotary=(), attn_layer_period=2, attn_layer_offset=1, expert_layer_period=2, num_experts=2)
decoder("gemma4_text", rotary=(("full_attention", 16), ("sliding_attention",)), global_head_dim=16, final_logit_softcapping=2.0,
        layer_types=["sliding_attention", "full_attention"], vocab_size_per_layer_input=40, hidden_size_per_layer_input=4,
        rope_parameters=dict(full_attention=dict(rope_type="proportional", rope_theta=1e6, partial_rotary_factor=0.25),
                             sliding_attention=dict(rope_type="default", rope_theta=1e4)))
decoder("mamba", rotary=())
decoder("mamba2", rotary=(), num_heads=4, n_groups=1)
decoder("eurobert", T.AutoModelForMaskedLM)

decoder("dbrx", d_model=DIM, n_heads=2, n_layers=1, max_seq_len=32, attn_config=dict(rope_theta=1e4, kv_n_heads=2),
        ffn_config=dict(ffn_hidden_size=8, moe_num_experts=2, moe_top_k=1))

# Text models inside others
VISION = dict(depth=1, hidden_size=8, num_heads=2, intermediate_size=8, patch_size=2, out_hidden_size=DIM,
              deepstack_visual_indexes=[])
IMAGES = dict(text_config=dict(**DECODER, rope_parameters=dict(rope_type="default", rope_theta=1e4, mrope_section=[2, 2, 2])),
              vision_config=VISION, image_token_id=30, video_token_id=31, vision_start_token_id=32, vision_end_token_id=33)
family("qwen2_5_vl_text", lambda: T.Qwen2_5_VLForConditionalGeneration(T.Qwen2_5_VLConfig(**IMAGES)), head=lm_head)
family("qwen3_vl_text", lambda: T.Qwen3VLForConditionalGeneration(T.Qwen3VLConfig(**IMAGES)), head=lm_head)

for model_type in ("deberta", "longformer", "ernie", "big_bird", "megatron-bert", "data2vec-text"):
    encoder(model_type)
encoder("nomic_bert", ((None,),))
encoder("esmc", ((None,),))
encoder("convbert", embedding_size=10)

TWO = dict(vocab_size=40, d_model=DIM, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
           decoder_attention_heads=2, encoder_ffn_dim=8, decoder_ffn_dim=8, max_position_embeddings=20, **SPECIAL,
           decoder_start_token_id=2)
for model_type in ("bart", "mbart", "plbart", "marian", "pegasus"):
    translator(model_type, dict(**TWO, scale_embedding=model_type != "bart"))
for model_type in ("umt5", "longt5"):
    translator(model_type, T5)
golden.write()
finish()
