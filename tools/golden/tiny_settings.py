"""Settings that a tiny model of some types needs besides small sizes, for tiny_models.py."""

VOCAB, DIM, HEADS, HEAD_DIM, POSITIONS = 40, 32, 2, 24, 64

# What a type needs besides, or needs otherwise: a nested config's settings are merged into it. Reasons are config classes'
# defaults that no model can be built of, checks between sizes, and kinds of layer or position that are not the default.
MAMBA = dict(mamba_n_heads=4, mamba_d_head=16, mamba_n_groups=1, mamba_d_state=8)
BY_TYPE = dict(
    full_attention=dict(rope_type="default", rope_theta=7e4),
    sliding_attention=dict(rope_type="default", rope_theta=1e4),
)
COMPASS = dict(rope_parameters=BY_TYPE, layer_types=["sliding_attention", "full_attention"])
SPARSE_MLP = dict(mlp_layer_types=["dense", "sparse"], num_experts_per_tok=2)
GEMMA_3N = dict(
    intermediate_size=[16, 16],
    num_kv_shared_layers=0,
    activation_sparsity_pattern=[0.0, 0.0],
    hidden_size_per_layer_input=8,
    laurel_rank=4,
)
INDEXER = dict(indexer_n_heads=2, indexer_kv_heads=1, indexer_head_dim=256, indexer_budget=32, indexer_compress_ratio=2)
HUNYUAN = dict(head_dim=HEAD_DIM, rope_parameters=dict(rope_type="default", rope_theta=1e4, mrope_section=[3, 3, 3, 3]))
NOTE = dict(head_dim=12, per_layer_config={})
NO_ROPE = dict(qk_rope_head_dim=0)
SHARED_KV = dict(
    kv_source_layers=[0, 1, 2],
    no_rope_layers=[1, 0, 1],
    num_hidden_layers=3,
    layer_types=["indexed_attention"] * 3,
    indexer_types=["full"] * 3,
    mlp_layer_types=["dense", "sparse", "sparse"],
)
OVERRIDES = {
    "bamba": {**MAMBA, "attn_layer_indices": [1]},
    "granitemoehybrid": {**MAMBA, "layer_types": ["mamba", "attention"], "position_embedding_type": "rope"},
    "falcon_h1": {**MAMBA, "mamba_d_ssm": 64},
    "mamba2": dict(num_heads=4, head_dim=16, n_groups=1),
    "codegen": dict(n_head=4, rotary_dim=4),
    "gptj": dict(rotary_dim=8),
    "minimax_m3_vl_text": dict(rotary_dim=12),
    "esm": dict(vocab_size=VOCAB, mask_token_id=32, pad_token_id=1, position_embedding_type="rotary"),
    "xlnet": dict(d_head=16),
    "xlstm": dict(embedding_dim=DIM, num_blocks=2),
    "reformer": dict(axial_pos_shape=[8, 8], axial_pos_embds_dim=[8, 24], attn_layers=["local", "lsh"]),
    "nemotron": dict(num_key_value_heads=HEADS),
    "zaya": dict(num_experts_per_tok=1, moe_router_topk=1),
    "dory": dict(
        n_input_layers=1,
        n_recurrent_layers=1,
        n_output_layers=1,
        num_hidden_layers=3,
        layer_types=["sliding_attention", "full_attention", "sliding_attention"],
    ),
    "electra": dict(embedding_size=12),
    "convbert": dict(embedding_size=12),
    "albert": dict(embedding_size=12),
    "mobilebert": dict(embedding_size=12),
    "rembert": dict(input_embedding_size=12, output_embedding_size=20),
    "opt": dict(word_embed_proj_dim=12),
    "cohere_compass_text": COMPASS,
    "cohere_compass": dict(text_config=COMPASS),
    "dbrx": dict(attn_config=dict(rope_theta=1e4)),
    "dots1": dict(n_routed_experts=4, num_experts_per_tok=2, n_shared_experts=1),
    "dots3_note_text": NOTE,
    "glm5_next_text": NO_ROPE,
    "glm5_next": dict(text_config=NO_ROPE),
    "hunyuan_v1_dense": dict(head_dim=HEAD_DIM),
    "hunyuan_v1_moe": dict(head_dim=HEAD_DIM),
    "hunyuan_vl_text": HUNYUAN,
    "hunyuan_vl": dict(text_config=HUNYUAN),
    "hy_v4_vl_text": dict(rope_parameters=dict(mrope_section=[2, 1, 1])),
    "hy_v4_vl": dict(text_config=dict(rope_parameters=dict(mrope_section=[2, 1, 1]))),
    "lfm2_moe": dict(layer_types=["conv", "full_attention"], num_dense_layers=1),
    "ministral": dict(head_dim=HEAD_DIM),
    "neomme": dict(head_dim=32),
    "qwen4_exp_text": INDEXER,
    "qwen4_exp": dict(text_config=INDEXER),
    "gemma3n_text": GEMMA_3N,
    "gemma3n": dict(text_config=GEMMA_3N),
    "mistral_large4_text": SHARED_KV,
    "mistral_large4": dict(text_config=SHARED_KV),
    "deepseek_ocr2_text": SPARSE_MLP,
    "deepseek_ocr2": dict(text_config=SPARSE_MLP),
    "chameleon": dict(vocabulary_map={"<image>": 30}),
    "granite4_vision": dict(deepstack_layer_map=[[0, 0]]),
    "diffusion_gemma_text": dict(num_experts=4, top_k_experts=2, moe_intermediate_size=8),
    "diffusion_gemma": dict(text_config=dict(num_experts=4, top_k_experts=2, moe_intermediate_size=8)),
    **{
        name: dict(rope_parameters=dict(mrope_section=[4, 2, 2]))
        for name in (
            "qwen2_vl_text",
            "qwen2_5_vl_text",
            "qwen2_5_omni_text",
            "glm4v_text",
            "glm_image_text",
            "glm_ocr_text",
        )
    },
    **{
        name: dict(text_config=dict(rope_parameters=dict(mrope_section=[4, 2, 2])))
        for name in (
            "qwen2_vl",
            "qwen2_5_vl",
            "qwen2_5_omni_thinker",
            "glm4v",
            "glm46v",
            "glmga",
            "glm_image",
            "glm_ocr",
        )
    },
    "qwen2_5_omni": dict(thinker_config=dict(text_config=dict(rope_parameters=dict(mrope_section=[4, 2, 2])))),
    "qwen3_omni_moe": dict(talker_config=dict(text_config=dict(shared_expert_intermediate_size=16))),
    "colqwen2": dict(vlm_config=dict(text_config=dict(rope_parameters=dict(mrope_section=[4, 2, 2])))),
    "glm4v_moe_text": dict(rope_parameters=dict(mrope_section=[2, 1, 1])),
    "glm4v_moe": dict(text_config=dict(rope_parameters=dict(mrope_section=[2, 1, 1]))),
    "jamba": dict(attn_layer_period=2, attn_layer_offset=1, num_experts=2, **MAMBA),
    "recurrent_gemma": dict(block_types=["recurrent", "attention"], lru_width=DIM),
    "step3p5": dict(sliding_window=8),
    "step3p7": dict(text_config=dict(sliding_window=8)),
    "splinter": dict(question_token_id=5),
    "led": dict(attention_window=[2, 2]),
    "layoutlmv3": dict(coordinate_size=6, shape_size=4),
    "markuplm": dict(max_depth=3),
    "roc_bert": dict(pronunciation_embed_dim=12, shape_embed_dim=20),
    "lilt": dict(hidden_size=24),
    "emu3": dict(vocabulary_map={"<image>": 30}),
    "fun_asr_nano": dict(adaptor_config=dict(intermediate_size=8)),
    "dots3_note": dict(adapter_in_dim=DIM, text_config=NOTE),
    "bros": dict(dim_bbox_projection=16, dim_bbox_sinusoid_emb_1d=8, dim_bbox_sinusoid_emb_2d=64),
    "ernie4_5_vl_moe_text": dict(rope_parameters=dict(mrope_section=[3, 3, 2]), moe_intermediate_size=[16, 8]),
    "ernie4_5_vl_moe": dict(
        text_config=dict(rope_parameters=dict(mrope_section=[3, 3, 2]), moe_intermediate_size=[16, 8])
    ),
    "mistral4": dict(qk_nope_head_dim=8, qk_head_dim=16),
    "longcat_flash": dict(head_dim=8),
    "xmod": dict(default_language="en_XX", languages=["en_XX"]),
    "vibevoice": dict(audio_config=dict(num_filters=1), semantic_model_config=dict(num_filters=1)),
    "vibevoice_asr": dict(
        acoustic_tokenizer_encoder_config=dict(num_filters=1), semantic_tokenizer_encoder_config=dict(num_filters=1)
    ),
    "tipsv2": dict(vision_config=dict(out_features=["stage2"], out_indices=[2])),
    "squeezebert": dict(embedding_size=DIM),
    "zamba2": dict(mamba_headdim=8, attention_head_dim=32, attention_hidden_size=64),
    "zamba": dict(num_hidden_layers=12, layers_block_type=None, attention_head_dim=32),
    "molmo2": dict(adapter_config=dict(vision_feature_layer=[1, 0])),
}


# The same where a config says everything: with the class's own head_dim, its own sections are right.
FULL_ONLY = {
    "paddleocr_vl_text": dict(rope_parameters=dict(mrope_section=[4, 4, 4])),
    "paddleocr_vl": dict(text_config=dict(rope_parameters=dict(mrope_section=[4, 4, 4]))),
}


# A type whose class is on another list than those of language models.
CLASSES = {"shieldgemma2": "ShieldGemma2ForImageClassification"}

# Checkpoints that hold a table besides, of other numbers, where their config says that it is another: by the case's name, the
# added tensor's name and the one whose shape it has.
COPIES = {
    "llama#tied, own head": {"lm_head.weight": "model.embed_tokens.weight"},
    "gpt2#own head": {"lm_head.weight": "transformer.wte.weight"},
    "bert#own head": {"cls.predictions.decoder.weight": "bert.embeddings.word_embeddings.weight"},
    "gemma3_text#own head": {"lm_head.weight": "model.embed_tokens.weight"},
    "t5#own head": {"lm_head.weight": "shared.weight"},
    "bart#own head": {"lm_head.weight": "model.shared.weight"},
    "opt#own head": {"lm_head.weight": "model.decoder.embed_tokens.weight"},
    "qwen2_vl#own head": {"lm_head.weight": "model.embed_tokens.weight"},
}

# Other kinds of a type, told apart by a setting. The name of a case is its type's and what is other about it.
VARIANTS = {
    "deepseek_v3#halves": dict(rope_interleave=False),
    "falcon#alibi": dict(alibi=True),
    "falcon#new": dict(new_decoder_architecture=True),
    "granitemoehybrid#no positions": dict(position_embedding_type=None),
    "esm#learned": dict(position_embedding_type="absolute"),
    "esm#norm": dict(emb_layer_norm_before=True),
    "esm#dropout": dict(token_dropout=True),
    "mobilebert#plain": dict(trigram_input=False),
    "mobilebert#wide": dict(trigram_input=False, embedding_size=DIM),
    "ernie#tasks": dict(use_task_id=True),
    "electra#same size": dict(embedding_size=DIM),
    "deberta-v2#relative": dict(position_biased_input=False),
    "deberta-v2#narrow": dict(embedding_size=12, type_vocab_size=2),
    "deberta-v2#untied": dict(tie_word_embeddings=False),
    "deberta#types": dict(type_vocab_size=2),
    "distilbert#waves": dict(sinusoidal_pos_embds=True),
    "xlm#waves": dict(sinusoidal_embeddings=True),
    "opt#same size": dict(word_embed_proj_dim=DIM),
    "opt#norms after": dict(do_layer_norm_before=False),
    "t5#untied": dict(tie_word_embeddings=False),
    "t5#unscaled": dict(scale_decoder_outputs=False),
    "umt5#untied": dict(tie_word_embeddings=False),
    "mt5#untied": dict(tie_word_embeddings=False),
    "bert#untied": dict(tie_word_embeddings=False),
    "llama#tied": dict(tie_word_embeddings=True),
    "gemma2#untied": dict(tie_word_embeddings=False),
    "gpt2#untied": dict(tie_word_embeddings=False),
    "bloom#untied": dict(tie_word_embeddings=False),
    "bart#unscaled": dict(scale_embedding=False),
    "roformer#narrow": dict(embedding_size=12),
    "roformer#values": dict(rotary_value=True),
    "cohere#unscaled": dict(logit_scale=1.0),
    "stablelm#parallel": dict(use_parallel_residual=True),
    "gpt_neox#untied": dict(tie_word_embeddings=False),
    "gpt_neox#tied": dict(tie_word_embeddings=True),
    **{name: dict(tie_word_embeddings=True) for name in COPIES},
    "phi3#longrope": dict(
        rope_parameters=dict(rope_type="longrope", rope_theta=1e4, short_factor=[1.1] * 8, long_factor=[2.0] * 8),
        original_max_position_embeddings=32,
    ),
    "hunyuan_v1_dense#alpha": dict(
        head_dim=HEAD_DIM, rope_parameters=dict(rope_type="dynamic", rope_theta=1e4, alpha=1000.0, factor=1.0)
    ),
    "altclip_text_model#wide": dict(project_dim=24),
    "megatron-bert#untied": dict(tie_word_embeddings=False),
    "pegasus#unscaled": dict(scale_embedding=False),
    "xglm#unscaled": dict(scale_embedding=False),
    "trocr#waves": dict(use_learned_position_embeddings=False),
    "trocr#no norm": dict(layernorm_embedding=False),
    "biogpt#unscaled": dict(scale_embedding=False),
    "tapas#absolute": dict(reset_position_index_per_cell=False),
    "tapas#short": dict(max_position_embeddings=2),
    "tapas#fewer types": dict(type_vocab_sizes=[3, 256, 256]),
    "roc_bert#apart": dict(concat_input=False),
    "roc_bert#no shape": dict(enable_shape=False),
    "reformer#table": dict(axial_pos_embds=False),
    "zamba2#rope": dict(use_mem_rope=True),
    "zamba2#long": dict(use_mem_rope=True, use_long_context=True, rope_parameters=dict(rope_type="yarn", rope_theta=1e4, factor=8.0)),
    "t5gemma2#end of image": dict(encoder=dict(eoi_token_index=39)),
    "nomic_bert#share": dict(rope_parameters=dict(rope_theta=1e4, rope_type="default", partial_rotary_factor=0.5)),
}
