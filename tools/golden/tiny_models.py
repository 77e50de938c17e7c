"""Tiny models of every model type that transformers knows: its config class's own defaults with small sizes. For
model_types.py and model_defaults.py."""
import importlib.util
import re

import transformers as T
from transformers.models.auto import modeling_auto
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

VOCAB, DIM, HEADS, HEAD_DIM, POSITIONS = 40, 32, 2, 24, 64

# A size by a pattern of its name. Whole names, but for vocabularies.
SIZES = [
    (r".*type_vocab_size", None),
    (r".*vocab_size.*|n_vocab|embedding_vocab", VOCAB),
    (r"hidden_size|d_model|n_embd|dim|embed_dim|emb_dim|hidden_dim|d_embed|embedding_size|word_embed_proj_dim|projection_dim"
     r"|(text|attention)_(embed_dim|hidden_size)|(en|de)coder_(hidden_size|embed_dim)|cross_attention_hidden_size"
     r"|(lm|backbone|out|output)_hidden_size|input_dim|output_dim", DIM),
    (r"depth|(en|de)coder_layers|num_(en|de)coder_layers|n_?(um)?_block_layers|num_layers_\w+", 2),
    (r"((en|de)coder_)?(num_)?(attention|key_value)_heads|n_heads?|num_heads|num_attention_groups|multi_query_group_num"
     r"|(en|de)coder_num_(attention|key_value)_heads", HEADS),
    (r"intermediate_size|((en|de)coder_)?ffn_dim|d_ff|n_inner|ffn_hidden_size|(moe|shared_expert)_intermediate_size|mlp_dim"
     r"|feed_forward_size|dense_intermediate_size", 16),
    (r"head_dim|attention_head_dim|kv_channels", HEAD_DIM), (r"d_kv", 16),
    (r"[qkv]+_lora_rank", 8), (r"qk_rope_head_dim", 8), (r"qk_nope_head_dim|v_head_dim", 4), (r"qk_head_dim", 12),
    (r"n_routed_experts|num_experts|num_local_experts|moe_num_experts|num_moe_experts", 4),
    (r"num_experts_per_tok(en)?|moe_k|top_k_experts|experts_per_token|moe_topk", 2),
    (r"max_position_embeddings|n_positions|max_seq_len|max_sequence_length|max_(source|target)_positions|n_ctx|seq_length"
     r"|max_length|max_(en|de)coder_position_embeddings|max_text_positions", POSITIONS),
]
LAYERS = r"num_hidden_layers|num_layers|n_layers?|num_hidden_layers_\w+"
IDS = dict(pad_token_id=1, bos_token_id=2, eos_token_id=3, decoder_start_token_id=2)

# What a type needs besides, or needs otherwise: a nested config's settings are merged into it. Reasons are config classes'
# defaults that no model can be built of, checks between sizes, and kinds of layer or position that are not the default.
MAMBA = dict(mamba_n_heads=4, mamba_d_head=16, mamba_n_groups=1, mamba_d_state=8)
BY_TYPE = dict(full_attention=dict(rope_type="default", rope_theta=7e4), sliding_attention=dict(rope_type="default", rope_theta=1e4))
COMPASS = dict(rope_parameters=BY_TYPE, layer_types=["sliding_attention", "full_attention"])
SPARSE_MLP = dict(mlp_layer_types=["dense", "sparse"], num_experts_per_tok=2)
GEMMA_3N = dict(intermediate_size=[16, 16], num_kv_shared_layers=0, activation_sparsity_pattern=[0.0, 0.0], hidden_size_per_layer_input=8,
                laurel_rank=4)
INDEXER = dict(indexer_n_heads=2, indexer_kv_heads=1, indexer_head_dim=256, indexer_budget=32, indexer_compress_ratio=2)
HUNYUAN = dict(head_dim=HEAD_DIM, rope_parameters=dict(rope_type="default", rope_theta=1e4, mrope_section=[3, 3, 3, 3]))
NOTE = dict(head_dim=12, per_layer_config={})
NO_ROPE = dict(qk_rope_head_dim=0)
SHARED_KV = dict(kv_source_layers=[0, 1, 2], no_rope_layers=[1, 0, 1], num_hidden_layers=3, layer_types=["indexed_attention"] * 3,
                 indexer_types=["full"] * 3, mlp_layer_types=["dense", "sparse", "sparse"])
OVERRIDES = {
    "bamba": {**MAMBA, "attn_layer_indices": [1]},
    "granitemoehybrid": {**MAMBA, "layer_types": ["mamba", "attention"], "position_embedding_type": "rope"},
    "falcon_h1": {**MAMBA, "mamba_d_ssm": 64},
    "mamba2": dict(num_heads=4, head_dim=16, n_groups=1),
    "codegen": dict(n_head=4, rotary_dim=4), "gptj": dict(rotary_dim=8), "minimax_m3_vl_text": dict(rotary_dim=12),
    "esm": dict(vocab_size=VOCAB, mask_token_id=32, pad_token_id=1, position_embedding_type="rotary"),
    "xlnet": dict(d_head=16),
    "reformer": dict(axial_pos_shape=[8, 8], axial_pos_embds_dim=[8, 24], attn_layers=["local", "lsh"]),
    "nemotron": dict(num_key_value_heads=HEADS), "zaya": dict(num_experts_per_tok=1, moe_router_topk=1),
    "dory": dict(n_input_layers=1, n_recurrent_layers=1, n_output_layers=1, num_hidden_layers=3,
                 layer_types=["sliding_attention", "full_attention", "sliding_attention"]),
    "electra": dict(embedding_size=12), "convbert": dict(embedding_size=12), "albert": dict(embedding_size=12),
    "mobilebert": dict(embedding_size=12), "rembert": dict(input_embedding_size=12, output_embedding_size=20),
    "opt": dict(word_embed_proj_dim=12),
    "cohere_compass_text": COMPASS, "cohere_compass": dict(text_config=COMPASS),
    "dbrx": dict(attn_config=dict(rope_theta=1e4)),
    "dots1": dict(n_routed_experts=4, num_experts_per_tok=2, n_shared_experts=1),
    "dots3_note_text": NOTE,
    "glm5_next_text": NO_ROPE, "glm5_next": dict(text_config=NO_ROPE),
    "hunyuan_v1_dense": dict(head_dim=HEAD_DIM), "hunyuan_v1_moe": dict(head_dim=HEAD_DIM),
    "hunyuan_vl_text": HUNYUAN, "hunyuan_vl": dict(text_config=HUNYUAN),
    "hy_v4_vl_text": dict(rope_parameters=dict(mrope_section=[2, 1, 1])),
    "hy_v4_vl": dict(text_config=dict(rope_parameters=dict(mrope_section=[2, 1, 1]))),
    "lfm2_moe": dict(layer_types=["conv", "full_attention"], num_dense_layers=1),
    "ministral": dict(head_dim=HEAD_DIM),
    "neomme": dict(head_dim=32), "qwen4_exp_text": INDEXER, "qwen4_exp": dict(text_config=INDEXER),
    "gemma3n_text": GEMMA_3N, "gemma3n": dict(text_config=GEMMA_3N),
    "mistral_large4_text": SHARED_KV, "mistral_large4": dict(text_config=SHARED_KV),
    "deepseek_ocr2_text": SPARSE_MLP, "deepseek_ocr2": dict(text_config=SPARSE_MLP),
    "chameleon": dict(vocabulary_map={"<image>": 30}), "granite4_vision": dict(deepstack_layer_map=[[0, 0]]),
    "diffusion_gemma_text": dict(num_experts=4, top_k_experts=2, moe_intermediate_size=8),
    "diffusion_gemma": dict(text_config=dict(num_experts=4, top_k_experts=2, moe_intermediate_size=8)),
    **{name: dict(rope_parameters=dict(mrope_section=[4, 2, 2])) for name in
       ("qwen2_vl_text", "qwen2_5_vl_text", "qwen2_5_omni_text", "glm4v_text", "glm_image_text", "glm_ocr_text")},
    **{name: dict(text_config=dict(rope_parameters=dict(mrope_section=[4, 2, 2]))) for name in
       ("qwen2_vl", "qwen2_5_vl", "qwen2_5_omni_thinker", "glm4v", "glm46v", "glmga", "glm_image", "glm_ocr")},
    "qwen2_5_omni": dict(thinker_config=dict(text_config=dict(rope_parameters=dict(mrope_section=[4, 2, 2])))),
    "qwen3_omni_moe": dict(talker_config=dict(text_config=dict(shared_expert_intermediate_size=16))),
    "colqwen2": dict(vlm_config=dict(text_config=dict(rope_parameters=dict(mrope_section=[4, 2, 2])))),
    "glm4v_moe_text": dict(rope_parameters=dict(mrope_section=[2, 1, 1])),
    "glm4v_moe": dict(text_config=dict(rope_parameters=dict(mrope_section=[2, 1, 1]))),
    "jamba": dict(attn_layer_period=2, attn_layer_offset=1, num_experts=2, **MAMBA),
    "recurrent_gemma": dict(block_types=["recurrent", "attention"], lru_width=DIM),
    "step3p5": dict(sliding_window=8), "step3p7": dict(text_config=dict(sliding_window=8)),
    "splinter": dict(question_token_id=5), "led": dict(attention_window=[2, 2]),
    "layoutlmv3": dict(coordinate_size=6, shape_size=4), "lilt": dict(hidden_size=24),
    "emu3": dict(vocabulary_map={"<image>": 30}),
    "fun_asr_nano": dict(adaptor_config=dict(intermediate_size=8)), "dots3_note": dict(adapter_in_dim=DIM, text_config=NOTE),
    "bros": dict(dim_bbox_projection=16, dim_bbox_sinusoid_emb_1d=8, dim_bbox_sinusoid_emb_2d=32),
    "ernie4_5_vl_moe_text": dict(rope_parameters=dict(mrope_section=[3, 3, 2]), moe_intermediate_size=[16, 8]),
    "ernie4_5_vl_moe": dict(text_config=dict(rope_parameters=dict(mrope_section=[3, 3, 2]), moe_intermediate_size=[16, 8])),
    "mistral4": dict(qk_nope_head_dim=8, qk_head_dim=16), "longcat_flash": dict(head_dim=8),
    "xmod": dict(default_language="en_XX", languages=["en_XX"]),
    "vibevoice": dict(audio_config=dict(num_filters=1), semantic_model_config=dict(num_filters=1)),
    "vibevoice_asr": dict(acoustic_tokenizer_encoder_config=dict(num_filters=1), semantic_tokenizer_encoder_config=dict(num_filters=1)),
    "tipsv2": dict(vision_config=dict(out_features=["stage2"], out_indices=[2])),
    "squeezebert": dict(embedding_size=DIM),
    "zamba": dict(num_hidden_layers=12, layers_block_type=None, attention_head_dim=32),
    "molmo2": dict(adapter_config=dict(vision_feature_layer=[1, 0])),
}


# The same where a config says everything: with the class's own head_dim, its own sections are right.
FULL_ONLY = {
    "paddleocr_vl_text": dict(rope_parameters=dict(mrope_section=[4, 4, 4])),
    "paddleocr_vl": dict(text_config=dict(rope_parameters=dict(mrope_section=[4, 4, 4]))),
}


# Other kinds of a type, told apart by a setting. The name of a case is its type's and what is other about it.
VARIANTS = {
    "deepseek_v3#halves": dict(rope_interleave=False),
    "falcon#alibi": dict(alibi=True), "falcon#new": dict(new_decoder_architecture=True),
    "granitemoehybrid#no positions": dict(position_embedding_type=None),
    "esm#learned": dict(position_embedding_type="absolute"), "esm#norm": dict(emb_layer_norm_before=True),
    "esm#dropout": dict(token_dropout=True),
    "mobilebert#plain": dict(trigram_input=False), "mobilebert#wide": dict(trigram_input=False, embedding_size=DIM),
    "ernie#tasks": dict(use_task_id=True), "electra#same size": dict(embedding_size=DIM),
    "deberta-v2#relative": dict(position_biased_input=False), "deberta-v2#narrow": dict(embedding_size=12, type_vocab_size=2),
    "deberta-v2#untied": dict(tie_word_embeddings=False), "deberta#types": dict(type_vocab_size=2),
    "distilbert#waves": dict(sinusoidal_pos_embds=True), "xlm#waves": dict(sinusoidal_embeddings=True),
    "opt#same size": dict(word_embed_proj_dim=DIM), "opt#norms after": dict(do_layer_norm_before=False),
    "t5#untied": dict(tie_word_embeddings=False), "t5#unscaled": dict(scale_decoder_outputs=False),
    "umt5#untied": dict(tie_word_embeddings=False), "mt5#untied": dict(tie_word_embeddings=False),
    "bert#untied": dict(tie_word_embeddings=False), "llama#tied": dict(tie_word_embeddings=True),
    "gemma2#untied": dict(tie_word_embeddings=False), "gpt2#untied": dict(tie_word_embeddings=False),
    "bloom#untied": dict(tie_word_embeddings=False), "bart#unscaled": dict(scale_embedding=False),
    "roformer#narrow": dict(embedding_size=12), "roformer#values": dict(rotary_value=True),
    "cohere#unscaled": dict(logit_scale=1.0), "stablelm#parallel": dict(use_parallel_residual=True),
    "gpt_neox#untied": dict(tie_word_embeddings=False), "gpt_neox#tied": dict(tie_word_embeddings=True),
    "phi3#longrope": dict(rope_parameters=dict(rope_type="longrope", rope_theta=1e4, short_factor=[1.1] * 8, long_factor=[2.0] * 8),
                          original_max_position_embeddings=32),
    "hunyuan_v1_dense#alpha": dict(head_dim=HEAD_DIM, rope_parameters=dict(rope_type="dynamic", rope_theta=1e4, alpha=1000.0, factor=1.0)),
    "altclip_text_model#wide": dict(project_dim=24), "megatron-bert#untied": dict(tie_word_embeddings=False),
    "pegasus#unscaled": dict(scale_embedding=False), "xglm#unscaled": dict(scale_embedding=False),
    "trocr#waves": dict(use_learned_position_embeddings=False), "trocr#no norm": dict(layernorm_embedding=False),
    "biogpt#unscaled": dict(scale_embedding=False), "nomic_bert#share": dict(rope_parameters=dict(rope_theta=1e4, rope_type="default", partial_rotary_factor=0.5)),
}


def layers_kept(settings):
    """How many layers a config has, and the first layer of each kind: those that a tiny model keeps."""
    n = next((v for k, v in settings.items() if re.fullmatch(LAYERS, k) and isinstance(v, int)), None)
    kinds = settings.get("layer_types") or settings.get("layers_block_type")
    if not n or n <= 2:
        return n, None
    if not isinstance(kinds, list) or len(kinds) != n:
        return n, [0, n - 1]
    firsts = sorted({kind: i for i, kind in reversed(list(enumerate(kinds)))}.values())
    return n, firsts if len(firsts) > 1 else sorted({0, n - 1} | set(firsts))


def shrunk(settings, wanted={}):
    """A config's settings with small sizes; layers' lists lose the layers that go."""
    n, kept = layers_kept(settings)
    small = {}
    for key, value in settings.items():
        if key in ("id2label", "label2id"):
            continue
        if isinstance(value, list) and kept and len(value) == n:
            value = [value[i] for i in kept]
        if key == "per_layer_config" and isinstance(value, dict):
            value = {str(kept.index(int(i))): shrunk(v) for i, v in value.items() if kept and int(i) in kept}
        elif isinstance(value, dict) and all(isinstance(each, str) for each in value):
            value = shrunk(value, wanted.get(key) or {})
        elif re.fullmatch(r".*_token_(id|index|idx)|(image|video|audio)_token", key) and type(value) is int:
            value = IDS.get(key, 30 + sum(map(ord, key)) % 10)
        elif key == "eos_token_id" and isinstance(value, list):
            value = [3]
        elif type(value) is int:
            value = len(kept) if re.fullmatch(LAYERS, key) and kept else min(value, 2) if re.fullmatch(LAYERS, key) else small_size(key, value)
        elif key == "mrope_section" and isinstance(value, list):
            value = [HEAD_DIM // 6] * 3
        small[key] = value
    if "qk_rope_head_dim" in small:
        small.pop("head_dim", None)
    return merged(small, wanted)


def merged(settings, others):
    """Nested settings setting by setting, others as they come."""
    both = {k: merged(settings[k], v) if isinstance(v, dict) and isinstance(settings.get(k), dict) and v else v for k, v in others.items()}
    return {**settings, **both}


def small_size(key, value):
    for pattern, size in SIZES:
        if re.fullmatch(pattern, key):
            return value if size is None else size
    return value


ORDER = ("MASKED_LM", "SEQ_TO_SEQ_CAUSAL_LM", "SPEECH_SEQ_2_SEQ", "CAUSAL_LM", "IMAGE_TEXT_TO_TEXT", "MULTIMODAL_LM", "PRETRAINING",
         "TEXT_ENCODING", "TEXT_TO_WAVEFORM", "TEXT_TO_SPECTROGRAM")


def class_of(model_type):
    """The class of transformers with the most of a model: a head where there is one."""
    kind = CONFIG_MAPPING[model_type]
    tables = [getattr(modeling_auto, f"MODEL_FOR_{task}_MAPPING_NAMES", {}) for task in ORDER] + [modeling_auto.MODEL_MAPPING_NAMES]
    names = [table[model_type] for table in tables if model_type in table]
    classes = [getattr(T, name[0] if isinstance(name, (tuple, list)) else name, None) for name in names]
    own = [each for each in classes if each and each.config_class is kind]
    return next(iter(own or [each for each in classes if each and not any_nested(kind, each.config_class)]), None) or unlisted(kind)


def any_nested(kind, other):
    return any(spec.config_class is other for spec in kind.sub_configs_defaults.values())


def unlisted(kind):
    """A part of a larger model has a class of its own, too, which no list of transformers names."""
    module = importlib.import_module(kind.__module__.replace("configuration_", "modeling_")) if exists(kind) else None
    classes = [each for each in vars(module).values() if isinstance(each, type) and issubclass(each, T.PreTrainedModel)
               and each.config_class is kind and not each.__name__.endswith("PreTrainedModel")] if module else []
    return max(classes, key=lambda each: ("For" in each.__name__, "Model" in each.__name__), default=None)


def exists(kind):
    return importlib.util.find_spec(kind.__module__.replace("configuration_", "modeling_")) is not None


# Settings of the ends that a model should be seen to follow: values that are no class's own.
TOLD = dict(embedding_multiplier=3.0, logits_scaling=4.0, lm_head_multiplier=0.5, logit_scale=0.25, final_logit_softcapping=2.0,
            logits_soft_cap=2.0, scale_emb=6.0, embedding_scale=5.0, logits_mup_width_multiplier=3.0)
SWITCHED_ON = ("scale_embedding", "mup_enabled", "rescale_embeddings")
SIZE_NAMES = ("head_dim", "global_head_dim", "attention_head_dim", "kv_channels", "pad_token_id")


def told(settings):
    """The same settings with other values for what the two ends do."""
    out = {}
    for key, value in settings.items():
        if isinstance(value, dict) and all(isinstance(each, str) for each in value) and key != "per_layer_config":
            value = told(value)
        elif key in TOLD and type(value) in (int, float):
            value = TOLD[key]
        elif key in SWITCHED_ON and isinstance(value, bool):
            value = True
        elif re.fullmatch(r"(rms_|layer_|layer)?norm_eps(ilon)?", key) and isinstance(value, float):
            value = 0.01
        elif key == "rope_theta" and isinstance(value, float):
            value = value * 0.3
        out[key] = value
    return out


def usable(settings):
    return {k: v for k, v in settings.items() if k not in ("transformers_version", "architectures", "model_type")}


def complete_settings(name):
    model_type = name.partition("#")[0]
    if name in VARIANTS:
        return usable(shrunk(CONFIG_MAPPING[model_type]().to_dict(), merged(OVERRIDES.get(model_type, {}), VARIANTS[name])))
    needed = FULL_ONLY.get(model_type) or OVERRIDES.get(model_type, {})
    return usable(told(shrunk(CONFIG_MAPPING[model_type]().to_dict(), needed)))


def sparse_settings(model_type):
    """What a tiny config must say: sizes that are not the class's own. Heads keep their class's size."""
    own = CONFIG_MAPPING[model_type]().to_dict()
    return usable(different(shrunk(own, OVERRIDES.get(model_type, {})), own, OVERRIDES.get(model_type, {})))


def different(small, own, needed):
    out = {}
    for key, value in small.items():
        if isinstance(value, dict) and isinstance(own.get(key), dict) and key != "per_layer_config" and "rope" not in key:
            inner = different(value, own[key], needed.get(key) if isinstance(needed.get(key), dict) else {})
            kind = value.get("model_type")
            if inner or kind:
                out[key] = {**({"model_type": kind} if kind else {}), **inner}
        elif (key in needed and value != own.get(key)) or (value != own.get(key, value) and key not in SIZE_NAMES and "rope_parameters" != key) or (
                key == "pad_token_id" and isinstance(own.get(key), int) and own[key] >= VOCAB):
            out[key] = value
    return out
