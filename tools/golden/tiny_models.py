"""Tiny models of every model type that transformers knows: its config class's own defaults with small sizes. For
model_types.py and model_defaults.py."""

import importlib.util
import re

import transformers as T
from transformers.models.auto import modeling_auto
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from tiny_settings import CLASSES, DIM, FULL_ONLY, HEAD_DIM, HEADS, OVERRIDES, POSITIONS, VARIANTS, VOCAB


# A size by a pattern of its name. Whole names, but for vocabularies.
SIZES = [
    (r".*type_vocab_size", None),
    (r".*vocab_size.*|n_vocab|embedding_vocab", VOCAB),
    (
        r"hidden_size|d_model|n_embd|dim|embed_dim|emb_dim|hidden_dim|d_embed|embedding_size|word_embed_proj_dim|projection_dim"
        r"|(text|attention)_(embed_dim|hidden_size)|(en|de)coder_(hidden_size|embed_dim)|cross_attention_hidden_size"
        r"|(lm|backbone|out|output)_hidden_size|input_dim|output_dim",
        DIM,
    ),
    (r"depth|(en|de)coder_layers|num_(en|de)coder_layers|n_?(um)?_block_layers|num_layers_\w+", 2),
    (
        r"((en|de)coder_)?(num_)?(attention|key_value)_heads|n_heads?|num_heads|num_attention_groups|multi_query_group_num"
        r"|(en|de)coder_num_(attention|key_value)_heads",
        HEADS,
    ),
    (
        r"intermediate_size|((en|de)coder_)?ffn_dim|d_ff|n_inner|ffn_hidden_size|(moe|shared_expert)_intermediate_size|mlp_dim"
        r"|feed_forward_size|dense_intermediate_size",
        16,
    ),
    (r"head_dim|attention_head_dim|kv_channels", HEAD_DIM),
    (r"d_kv", 16),
    (r"[qkv]+_lora_rank", 8),
    (r"qk_rope_head_dim", 8),
    (r"qk_nope_head_dim|v_head_dim", 4),
    (r"qk_head_dim", 12),
    (r"n_routed_experts|num_experts|num_local_experts|moe_num_experts|num_moe_experts", 4),
    (r"num_experts_per_tok(en)?|moe_k|top_k_experts|experts_per_token|moe_topk", 2),
    (
        r"max_position_embeddings|n_positions|max_seq_len|max_sequence_length|max_(source|target)_positions|n_ctx|seq_length"
        r"|max_length|max_(en|de)coder_position_embeddings|max_text_positions",
        POSITIONS,
    ),
]
LAYERS = r"num_hidden_layers|num_layers|n_layers?|num_hidden_layers_\w+"
IDS = dict(pad_token_id=1, bos_token_id=2, eos_token_id=3, decoder_start_token_id=2)


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
            value = small_size(key, value) if not re.fullmatch(LAYERS, key) else len(kept) if kept else min(value, 2)
        elif key == "mrope_section" and isinstance(value, list):
            value = [HEAD_DIM // 6] * 3
        small[key] = value
    if "qk_rope_head_dim" in small:
        small.pop("head_dim", None)
    return merged(small, wanted)


def merged(settings, others):
    """Nested settings setting by setting, others as they come."""
    both = {
        k: merged(settings[k], v) if isinstance(v, dict) and isinstance(settings.get(k), dict) and v else v
        for k, v in others.items()
    }
    return {**settings, **both}


def small_size(key, value):
    for pattern, size in SIZES:
        if re.fullmatch(pattern, key):
            return value if size is None else size
    return value


ORDER = (
    "MASKED_LM",
    "SEQ_TO_SEQ_CAUSAL_LM",
    "SPEECH_SEQ_2_SEQ",
    "CAUSAL_LM",
    "IMAGE_TEXT_TO_TEXT",
    "MULTIMODAL_LM",
    "PRETRAINING",
    "TEXT_ENCODING",
    "TEXT_TO_WAVEFORM",
    "TEXT_TO_SPECTROGRAM",
)


def class_of(model_type):
    """The class of transformers with the most of a model: a head where there is one."""
    kind = CONFIG_MAPPING[model_type]
    if model_type in CLASSES:
        return getattr(T, CLASSES[model_type])
    tables = [getattr(modeling_auto, f"MODEL_FOR_{task}_MAPPING_NAMES", {}) for task in ORDER] + [
        modeling_auto.MODEL_MAPPING_NAMES
    ]
    names = [table[model_type] for table in tables if model_type in table]
    classes = [getattr(T, name[0] if isinstance(name, (tuple, list)) else name, None) for name in names]
    own = [each for each in classes if each and each.config_class is kind]
    return next(
        iter(own or [each for each in classes if each and not any_nested(kind, each.config_class)]), None
    ) or unlisted(kind)


def any_nested(kind, other):
    return any(spec.config_class is other for spec in kind.sub_configs_defaults.values())


def unlisted(kind):
    """A part of a larger model has a class of its own, too, which no list of transformers names."""
    module = importlib.import_module(kind.__module__.replace("configuration_", "modeling_")) if exists(kind) else None
    classes = (
        [
            each
            for each in vars(module).values()
            if isinstance(each, type)
            and issubclass(each, T.PreTrainedModel)
            and each.config_class is kind
            and not each.__name__.endswith("PreTrainedModel")
        ]
        if module
        else []
    )
    return max(classes, key=lambda each: ("For" in each.__name__, "Model" in each.__name__), default=None)


def exists(kind):
    return importlib.util.find_spec(kind.__module__.replace("configuration_", "modeling_")) is not None


# Settings of the ends that a model should be seen to follow: values that are no class's own.
CHANGED = dict(
    embedding_multiplier=3.0,
    logits_scaling=4.0,
    lm_head_multiplier=0.5,
    logit_scale=0.25,
    final_logit_softcapping=2.0,
    logits_soft_cap=2.0,
    scale_emb=6.0,
    embedding_scale=5.0,
    logits_mup_width_multiplier=3.0,
)
SWITCHED_ON = ("scale_embedding", "mup_enabled", "rescale_embeddings")
SIZE_NAMES = ("head_dim", "global_head_dim", "attention_head_dim", "kv_channels", "pad_token_id")


def changed(settings):
    """The same settings with other values for what the two ends do."""
    out = {}
    for key, value in settings.items():
        if isinstance(value, dict) and all(isinstance(each, str) for each in value) and key != "per_layer_config":
            value = changed(value)
        elif key in CHANGED and type(value) in (int, float):
            value = CHANGED[key]
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
        return usable(
            shrunk(CONFIG_MAPPING[model_type]().to_dict(), merged(OVERRIDES.get(model_type, {}), VARIANTS[name]))
        )
    needed = FULL_ONLY.get(model_type) or OVERRIDES.get(model_type, {})
    return usable(changed(shrunk(CONFIG_MAPPING[model_type]().to_dict(), needed)))


def sparse_settings(model_type):
    """What a tiny config must say: sizes that are not the class's own. Heads keep their class's size."""
    own = CONFIG_MAPPING[model_type]().to_dict()
    return usable(different(shrunk(own, OVERRIDES.get(model_type, {})), own, OVERRIDES.get(model_type, {})))


def different(small, own, needed):
    out = {}
    for key, value in small.items():
        if (
            isinstance(value, dict)
            and isinstance(own.get(key), dict)
            and key != "per_layer_config"
            and "rope" not in key
        ):
            inner = different(value, own[key], needed.get(key) if isinstance(needed.get(key), dict) else {})
            kind = value.get("model_type")
            if inner or kind:
                out[key] = {**({"model_type": kind} if kind else {}), **inner}
        elif (
            (key in needed and value != own.get(key))
            or (value != own.get(key, value) and key not in SIZE_NAMES and "rope_parameters" != key)
            or (key == "pad_token_id" and isinstance(own.get(key), int) and own[key] >= VOCAB)
        ):
            out[key] = value
    return out
