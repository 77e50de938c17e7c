"""Writes tests/golden/checkpoints/: tiny checkpoints of random weights, saved by transformers, with what their own code
makes of some ids: what the first block receives, the scores of hidden states, and turned queries. Of the blocks one tensor
is kept: nobody reads it.

    python tools/golden/checkpoints.py [NAME ...]     (torch, transformers)
"""
import json
import pathlib
import shutil

import torch
import transformers as T
from safetensors.torch import load_file, save as serialize

from golden_file import finish, wanted
from model_ends import DECODER, DIM, ENCODER, GPT, HEAD_DIM, T5, VOCAB, SPECIAL, first_block, flat, ids, logits, places, turned, types

OUT = pathlib.Path("tests/golden/checkpoints")


def save(name, model, *, cases=({},), head=logits, rotary=(), size=DIM):
    if not wanted(name):
        return
    print(name)
    folder = OUT / name
    shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(1)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    model.tie_weights()
    model.eval()
    expected = dict(versions=dict(torch=torch.__version__, transformers=T.__version__),
                    family=model.config.get_text_config().model_type, ids=ids[0].tolist(), cases=[])
    for case in cases:
        inputs = {python: torch.tensor([case[js]]) for js, python in
                  (("positionIds", "position_ids"), ("tokenTypeIds", "token_type_ids")) if js in case}
        expected["cases"].append(dict(options=case, out=flat(first_block(model, **inputs))))
    if rotary:
        expected["rotary"] = [turned(model, layer_type) for layer_type in rotary]
    model.save_pretrained(folder)
    if head:
        torch.manual_seed(2)
        hidden = torch.randn(2, size)
        expected["head"] = dict(hidden=flat(hidden), logits=flat(head(model, hidden.to(model.dtype))))
    (folder / "generation_config.json").unlink(missing_ok=True)
    for file in folder.iterdir():
        file.chmod(0o644)
    keep_ends(folder / "model.safetensors")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config, separators=(",", ":")) + "\n")
    (folder / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")


def keep_ends(path):
    tensors = load_file(path)
    of_blocks = [name for name in tensors if any(f".{part}." in f".{name}" for part in ("0", "1", "vision_tower"))]
    smallest = min(of_blocks, key=lambda name: tensors[name].numel())
    kept = {name: value for name, value in tensors.items() if name not in of_blocks or name == smallest}
    path.write_bytes(serialize(kept, metadata=dict(format="pt")))


at = dict(positionIds=places[0].tolist())
kinds = dict(tokenTypeIds=types[0].tolist())

# Encoders, and their heads as masked language models
save("bert", T.BertModel(T.BertConfig(**ENCODER)), cases=({}, at, kinds), head=None)
save("bert_mlm", T.BertForMaskedLM(T.BertConfig(**ENCODER)))
save("bert_untied", T.BertForMaskedLM(T.BertConfig(**ENCODER, hidden_act="silu", tie_word_embeddings=False)))
save("roberta", T.RobertaForMaskedLM(T.RobertaConfig(**ENCODER)), cases=({}, at, kinds))
save("xlm-roberta", T.XLMRobertaForMaskedLM(T.XLMRobertaConfig(**ENCODER)))
save("camembert", T.CamembertForMaskedLM(T.CamembertConfig(**ENCODER)))
save("electra", T.ElectraModel(T.ElectraConfig(**ENCODER, embedding_size=DIM)), cases=({}, at, kinds), head=None)
save("electra_generator", T.ElectraForMaskedLM(T.ElectraConfig(**ENCODER, embedding_size=10)), cases=({}, at))
save("distilbert", T.DistilBertForMaskedLM(T.DistilBertConfig(vocab_size=VOCAB, dim=DIM, n_layers=1, n_heads=2, hidden_dim=8,
     max_position_embeddings=20, activation="relu")))
save("albert", T.AlbertForMaskedLM(T.AlbertConfig(**ENCODER, embedding_size=10)), cases=({}, at, kinds))
save("mpnet", T.MPNetForMaskedLM(T.MPNetConfig(**ENCODER)))
save("deberta-v2", T.DebertaV2ForMaskedLM(T.DebertaV2Config(**ENCODER, hidden_act="silu", type_vocab_size=2)), cases=({}, kinds))
save("deberta-v2_relative", T.DebertaV2Model(T.DebertaV2Config(**ENCODER, position_biased_input=False)), head=None)
save("modernbert", T.ModernBertForMaskedLM(T.ModernBertConfig(vocab_size=VOCAB, hidden_size=DIM, num_hidden_layers=2,
     num_attention_heads=2, intermediate_size=8, max_position_embeddings=32, norm_eps=0.01, sep_token_id=3, cls_token_id=2,
     **SPECIAL)), rotary=("full_attention", "sliding_attention"))

# Decoders with learned positions, or slopes
save("gpt2", T.GPT2LMHeadModel(T.GPT2Config(**GPT)), cases=({}, at))
save("openai-gpt", T.OpenAIGPTLMHeadModel(T.OpenAIGPTConfig(**GPT)), cases=({}, at))
save("gpt_neo", T.GPTNeoForCausalLM(T.GPTNeoConfig(vocab_size=VOCAB, hidden_size=DIM, num_layers=1, num_heads=2,
     attention_types=[[["global"], 1]], max_position_embeddings=20, intermediate_size=8, bos_token_id=2, eos_token_id=3)),
     cases=({}, at))
save("gpt_bigcode", T.GPTBigCodeForCausalLM(T.GPTBigCodeConfig(**GPT)), cases=({}, at))
opt = dict(vocab_size=VOCAB, hidden_size=DIM, num_hidden_layers=1, ffn_dim=8, num_attention_heads=2,
           max_position_embeddings=20, **SPECIAL)
save("opt", T.OPTForCausalLM(T.OPTConfig(**opt, word_embed_proj_dim=DIM)))
save("opt_narrow", T.OPTForCausalLM(T.OPTConfig(**opt, word_embed_proj_dim=10)), size=10)
save("bloom", T.BloomForCausalLM(T.BloomConfig(vocab_size=VOCAB, hidden_size=DIM, n_layer=1, n_head=2,
     layer_norm_epsilon=0.01, **SPECIAL)))

# Decoders that turn queries and keys
plain = (None,)
save("gptj", T.GPTJForCausalLM(T.GPTJConfig(**GPT, rotary_dim=8)), rotary=plain)
save("codegen", T.CodeGenForCausalLM(T.CodeGenConfig(**{**GPT, "n_head": 4, "n_embd": 48}, rotary_dim=8)), rotary=plain, size=48)
save("gpt_neox", T.GPTNeoXForCausalLM(T.GPTNeoXConfig(vocab_size=VOCAB, hidden_size=DIM, num_hidden_layers=1,
     num_attention_heads=2, intermediate_size=8, max_position_embeddings=32, rotary_pct=0.5, **SPECIAL)), rotary=plain)
save("falcon", T.FalconForCausalLM(T.FalconConfig(vocab_size=VOCAB, hidden_size=DIM, num_hidden_layers=1,
     num_attention_heads=2, **SPECIAL)), rotary=plain)
for name, untied in (("llama", True), ("mistral", True), ("mixtral", True), ("qwen2", False), ("qwen3", True), ("phi3", True),
                     ("olmo", True), ("olmo2", True), ("starcoder2", False), ("stablelm", True), ("smollm3", False),
                     ("phi", True), ("nemotron", True), ("helium", True), ("glm", True), ("ernie4_5", False),
                     ("cohere", False), ("granite", True), ("granitemoe", True), ("olmoe", True), ("qwen2_moe", True),
                     ("qwen3_moe", True), ("gpt_oss", True), ("deepseek_v2", True), ("glm4", True), ("exaone4", True)):
    config = T.AutoConfig.for_model(name, **DECODER, tie_word_embeddings=not untied, **{
        "mixtral": dict(num_local_experts=2), "granite": dict(embedding_multiplier=12.0, logits_scaling=8.0),
        "granitemoe": dict(embedding_multiplier=6.0, logits_scaling=4.0, num_local_experts=2),
        "deepseek_v2": dict(qk_rope_head_dim=HEAD_DIM, qk_nope_head_dim=4, v_head_dim=4, kv_lora_rank=4, q_lora_rank=4,
                            n_routed_experts=2, n_group=1, topk_group=1, num_experts_per_tok=1),
        "cohere": dict(logit_scale=0.25), "phi3": dict(partial_rotary_factor=0.5),
        "phi": dict(partial_rotary_factor=0.5), "stablelm": dict(partial_rotary_factor=0.5)}.get(name, {}))
    save(name, T.AutoModelForCausalLM.from_config(config), rotary=plain)
layers = {**DECODER, "num_hidden_layers": 2, "layer_types": ["sliding_attention", "full_attention"]}
cohere2 = T.Cohere2ForCausalLM(T.Cohere2Config(**layers, logit_scale=0.25))
save("cohere2", cohere2, rotary=plain)
save("olmo3", T.Olmo3ForCausalLM(T.Olmo3Config(**layers)))
by_type = ("full_attention", "sliding_attention")
linear = dict(full_attention=dict(rope_type="linear", factor=8.0, rope_theta=1e6),
              sliding_attention=dict(rope_type="default", rope_theta=1e4))
save("gemma3_text", T.Gemma3ForCausalLM(T.Gemma3TextConfig(**layers, rope_parameters=linear)), rotary=by_type)
for name in ("gemma", "gemma2"):
    for dtype in (torch.float32, torch.bfloat16):
        model = T.AutoModelForCausalLM.from_config(T.AutoConfig.for_model(name, **DECODER))
        save(f"{name}_{str(dtype)[6:]}", model.to(dtype), rotary=plain if dtype == torch.float32 else ())

# Text models inside others
vision = dict(hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8, image_size=4, patch_size=2)
text = {**layers, "model_type": "gemma3_text", "rope_parameters": linear}
save("gemma3_image", T.Gemma3ForConditionalGeneration(T.Gemma3Config(text_config=text, mm_tokens_per_image=4,
     vision_config=dict(**vision, model_type="siglip_vision_model"), image_token_index=30, boi_token_index=31,
     eoi_token_index=32)), head=lambda model, hidden: model.lm_head(hidden), rotary=by_type)

vision = dict(depth=1, embed_dim=8, num_heads=2, hidden_size=DIM, mlp_ratio=1, patch_size=2)
text = dict(**DECODER, rope_parameters=dict(rope_type="default", rope_theta=1e4, mrope_section=[2, 2, 2]))
save("qwen2_vl", T.Qwen2VLForConditionalGeneration(T.Qwen2VLConfig(text_config=text, vision_config=vision, image_token_id=30,
     video_token_id=31, vision_start_token_id=32, vision_end_token_id=33)), head=lambda model, hidden: model.lm_head(hidden))

# Encoders and decoders
save("t5", T.T5EncoderModel(T.T5Config(**T5)), head=None)
save("t5_tied", T.T5ForConditionalGeneration(T.T5Config(**T5)))
untied = T.T5ForConditionalGeneration(T.T5Config(**T5, tie_word_embeddings=False))
untied.lm_head.weight = torch.nn.Parameter(torch.empty(VOCAB, DIM))
untied.config.tie_word_embeddings = False
save("t5_untied", untied)
mt5 = T.MT5ForConditionalGeneration(T.MT5Config(**T5))
mt5.lm_head.weight = torch.nn.Parameter(torch.empty(VOCAB, DIM))
mt5.config.tie_word_embeddings = False
save("mt5", mt5)
finish()
