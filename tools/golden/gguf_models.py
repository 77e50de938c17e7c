"""Writes tests/golden/gguf/*.gguf: the checkpoints of tests/golden/checkpoints as GGUF files, by the gguf package's writer
and its names for tensors and metadata. What the models make of them is in the checkpoints' expected.json.

    python tools/golden/gguf_models.py [NAME ...]     (gguf, numpy, safetensors)
"""
import json
import math
import os
from importlib.metadata import version

import gguf
import numpy as np
from gguf import MODEL_ARCH as Arch
from safetensors.numpy import load_file

from golden_file import finish, wanted

FROM, TO = "tests/golden/checkpoints", "tests/golden/gguf"
ARCHITECTURES = {
    "bert": Arch.BERT, "gpt2": Arch.GPT2, "llama": Arch.LLAMA, "mistral": Arch.LLAMA, "qwen2": Arch.QWEN2,
    "qwen2_moe": Arch.QWEN2MOE, "qwen3": Arch.QWEN3, "qwen3_moe": Arch.QWEN3MOE, "gemma_float32": Arch.GEMMA,
    "gemma2_float32": Arch.GEMMA2, "gemma3_text": Arch.GEMMA3, "phi": Arch.PHI2, "phi3": Arch.PHI3,
    "gpt_neox": Arch.GPTNEOX, "falcon": Arch.FALCON, "bloom": Arch.BLOOM, "t5": Arch.T5ENCODER, "t5_tied": Arch.T5,
    "t5_untied": Arch.T5, "cohere": Arch.COMMAND_R, "cohere2": Arch.COHERE2, "granite": Arch.GRANITE,
    "granitemoe": Arch.GRANITE_MOE, "olmo": Arch.OLMO, "olmo2": Arch.OLMO2, "olmoe": Arch.OLMOE,
    "stablelm": Arch.STABLELM, "gpt_bigcode": Arch.STARCODER, "starcoder2": Arch.STARCODER2,
    "nemotron": Arch.NEMOTRON, "smollm3": Arch.SMOLLM3, "gpt_oss": Arch.GPT_OSS,
}
ENDS = ["token_embd", "position_embd", "token_types", "token_embd_norm", "output", "dec.blk.0.attn_q", "rope_freqs"]


def first(config, *keys):
    return next((config[key] for key in keys if config.get(key) is not None), None)


def add_metadata(writer, config, head_dim):
    add = lambda method, value: value is not None and getattr(writer, f"add_{method}")(value)
    add("context_length", first(config, "max_position_embeddings", "n_positions"))
    add("embedding_length", first(config, "hidden_size", "n_embd", "d_model"))
    add("head_count", first(config, "num_attention_heads", "n_head", "num_heads"))
    add("key_length", config.get("head_dim"))
    add("layer_norm_eps", first(config, "layer_norm_eps", "layer_norm_epsilon"))
    add("final_logit_softcapping", config.get("final_logit_softcapping"))
    add("logit_scale", first(config, "logit_scale", "logits_scaling"))
    add("embedding_scale", config.get("embedding_multiplier"))
    rope = config.get("rope_parameters") or {}
    rope = rope.get("full_attention", rope)
    if not rope:
        return
    add("rope_freq_base", rope["rope_theta"])
    add("rope_dimension_count", int(head_dim * rope.get("partial_rotary_factor", 1)))
    if rope["rope_type"] in ("linear", "yarn"):
        add("rope_scaling_type", gguf.RopeScalingType(rope["rope_type"]))
        add("rope_scaling_factor", rope["factor"])
        add("rope_scaling_orig_ctx_len", rope.get("original_max_position_embeddings"))


def write(name, architecture, config, tensors):
    if not wanted(name):
        return
    writer = gguf.GGUFWriter(f"{TO}/{name}.gguf", gguf.MODEL_ARCH_NAMES[architecture])
    writer.add_description(f"written by gguf {version('gguf')}")
    hidden, heads = first(config, "hidden_size", "n_embd", "d_model"), first(config, "num_attention_heads", "n_head", "num_heads")
    add_metadata(writer, config, config.get("head_dim") or hidden // heads)
    names = gguf.get_tensor_name_map(architecture, 1)
    for tensor, values in tensors.items():
        tried = (names.get_name(each, (".weight", ".bias")) for each in (tensor, tensor.removeprefix("transformer.")))
        found = next(filter(None, tried), "")
        if found.rsplit(".", 1)[0] in ENDS:
            writer.add_tensor(found, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


os.makedirs(TO, exist_ok=True)
for name, architecture in ARCHITECTURES.items():
    with open(f"{FROM}/{name}/config.json") as file:
        config = json.load(file)
    tensors = load_file(f"{FROM}/{name}/model.safetensors")
    if name in ("t5_tied", "t5_untied"):  # what tells a decoder from an encoder
        tensors["decoder.block.0.layer.0.SelfAttention.q.weight"] = np.zeros((2, 2), np.float32)
    if name == "llama":
        # Llama 3.1's rule, as the converter works it out into a tensor.
        factor, low, high, trained = 8.0, 1.0, 4.0, 32
        divisors = []
        for i in range(0, 12, 2):
            length = 2 * math.pi * 10000 ** (i / 12)
            smooth = (trained / length - low) / (high - low)
            inside = 1 / ((1 - smooth) / factor + smooth)
            divisors.append(1 if length < trained / high else factor if length > trained / low else inside)
        write("llama31", architecture, config, {**tensors, "rope_freqs.weight": np.array(divisors, np.float32)})
    write(name, architecture, config, tensors)
finish()
