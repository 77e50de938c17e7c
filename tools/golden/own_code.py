"""Writes tests/golden/own_code.json: tiny checkpoints of models whose code lies beside their weights on the hub, with their config
and their tensors' names as on the hub, and what they make of their two ends. That code is in no package, so transformers' own
classes for the same models do the work, each given the settings that the hub's code would have used: GTE's for `new`, Jina's v3 for
XLMRobertaFlash, Nomic's; BERT's without positions and Bloom's slopes for jina-v2; Cohere's turning of neighbours for NeoBERT.
GTE's NTK scaling is linear scaling by factor^(2/d) of a base factor times as large (modeling.py of Alibaba-NLP/new-impl;
transformers' own conversion of GTE's configs says the same).

    python tools/golden/own_code.py [case ...]     (torch 2.9.1, transformers 5.24.0)
"""

import json
import pathlib
import sys

import torch
import transformers as T
from transformers.models.bloom.modeling_bloom import build_alibi_tensor
from transformers.models.cohere import modeling_cohere as cohere
from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from golden_file import NAMES, finish, wanted
from observed import IDS, filled

OUT = pathlib.Path("tests/golden/own_code.json")
AT, DIM, HEADS, VOCAB = [1, 4], 32, 4, 48
SIZES = dict(hidden_size=DIM, num_attention_heads=HEADS, vocab_size=VOCAB, intermediate_size=8, max_position_embeddings=64)
OF_CLASS = dict(num_hidden_layers=0, pad_token_id=1, type_vocab_size=1)


def rounded(values):
    return [float(f"{value:.7g}") for value in values.detach().double().flatten().tolist()]


def filling(model, names):
    """The class's own tensors take the numbers that those of the hub's names have: `names` says which, by the end of a name."""
    shapes = {}
    with torch.no_grad():
        for hub, own in names.items():
            parameter = model.get_parameter(own)
            parameter.copy_(filled(hub, parameter.shape))
            shapes[hub] = list(parameter.shape)
    return shapes


def turned(cos, sin, apply=apply_rotary_pos_emb, dim=DIM // HEADS):
    """What positions AT make of a query of which the first numbers turn, as many as the angles are."""
    query = filled("query", (dim,)).expand(1, 1, len(AT), dim)
    size = cos.shape[-1]
    first, _ = apply(query[..., :size], query[..., :size], cos, sin)
    return {"": dict(dim=dim, step=1, out=rounded(torch.cat([first, query[..., size:]], -1)[0, 0]))}


def angles(module):
    return module(torch.zeros(1, len(AT), DIM), torch.tensor([AT]))


def made(family, config, tensors, rows, logits=None, rotary=None, **more):
    scores = {} if logits is None else dict(logits=rounded(logits[0]))
    turns = {} if rotary is None else dict(rotary=rotary)
    return dict(family=family, config=json.dumps(config), tensors=tensors, kind="other", dim=rows.shape[-1], embed=rounded(rows[0]), **scores, **turns, **more)


EMBEDDINGS = {
    "embeddings.word_embeddings.weight": "embeddings.word_embeddings.weight",
    "embeddings.token_type_embeddings.weight": "embeddings.token_type_embeddings.weight",
}
NORM = {f"embeddings.LayerNorm.{part}": f"embeddings.LayerNorm.{part}" for part in ("weight", "bias")}
EMB_LN = {f"emb_ln.{part}": f"embeddings.LayerNorm.{part}" for part in ("weight", "bias")}
BOTH = ("weight", "bias")


def under(hub, own, names):
    return {hub + key: own + value for key, value in names.items()}


def hidden():
    return filled("hidden", (1, DIM))


def code(folder, name, **rest):
    return dict(auto_map={"AutoConfig": f"{folder}--{name}"}, **rest)


def new_gte(config, theta, model_type="new", prefix="new.", rope=None, **own):
    """GTE's classes of before transformers."""
    settings = dict({**SIZES, **OF_CLASS, **own}, rope_parameters=dict(rope_type="default", rope_theta=theta, **(rope or {})))
    if rope:
        settings["rope_parameters"]["rope_type"] = "linear"
    model = T.GteForMaskedLM(T.GteConfig(**settings)).eval()
    base = model.base_model_prefix + "."
    present = {k: v for k, v in EMBEDDINGS.items() if own.get("type_vocab_size", 1) or "type" not in k}
    head = {f"lm_head.{hub}.{part}": f"lm_head.{mine}.{part}" for hub, mine in (("dense", "dense"), ("norm", "layer_norm")) for part in BOTH}
    tensors = filling(model, {**under(prefix, base, {**present, **NORM}), **head, "lm_head.decoder.bias": "lm_head.decoder.bias"})
    body = model.base_model
    with torch.no_grad():
        rows, logits = body.embeddings(IDS), model.lm_head(hidden())
    return made("new", {**SIZES, **OF_CLASS, "model_type": model_type, **own, **config}, tensors, rows, logits, turned(*angles(body.rotary_emb)))


def new_absolute():
    model = T.BertModel(T.BertConfig(**SIZES, **OF_CLASS), add_pooling_layer=False).eval()
    names = {**EMBEDDINGS, "embeddings.position_embeddings.weight": "embeddings.position_embeddings.weight", **NORM}
    tensors = filling(model, names)
    config = {**SIZES, **OF_CLASS, "model_type": "new", "position_embedding_type": "absolute", "layer_norm_eps": 1e-12}
    with torch.no_grad():
        return made("new", config, tensors, model.embeddings(IDS), rotary=None)


def jina_v2():
    settings = dict(SIZES, num_hidden_layers=0, pad_token_id=0, type_vocab_size=2, layer_norm_eps=1e-3)
    model = T.BertForMaskedLM(T.BertConfig(**settings)).eval()
    head = {
        f"cls.predictions.transform.{name}.{part}": f"cls.predictions.transform.{name}.{part}" for name in ("dense", "LayerNorm") for part in BOTH
    }
    tensors = filling(model, {**under("bert.", "bert.", {**EMBEDDINGS, **NORM}), **head, "cls.predictions.bias": "cls.predictions.bias"})
    with torch.no_grad():
        model.bert.embeddings.position_embeddings.weight.zero_()
        rows, logits = model.bert.embeddings(IDS), model.cls(hidden())
    mask = torch.ones(1, 5)
    bias = build_alibi_tensor(mask, HEADS, torch.float32)  # slope × the key's position
    config = dict(settings, model_type="bert", position_embedding_type="alibi", feed_forward_type="geglu", emb_pooler="mean",
                  architectures=["JinaBertForMaskedLM"], **code("jinaai/jina-bert-implementation", "configuration_bert.JinaBertConfig"))
    return made("jina_bert", config, tensors, rows, logits, slopes=rounded(bias[:, 0, 1]))


def jina_v2_absolute():
    settings = dict(SIZES, num_hidden_layers=0, pad_token_id=0, type_vocab_size=2)
    model = T.BertModel(T.BertConfig(**settings), add_pooling_layer=False).eval()
    tensors = filling(model, {**EMBEDDINGS, "embeddings.position_embeddings.weight": "embeddings.position_embeddings.weight", **NORM})
    config = dict(settings, model_type="bert", **code("jinaai/jina-bert-implementation", "configuration_bert.JinaBertConfig"))
    with torch.no_grad():
        return made("jina_bert", config, tensors, model.embeddings(IDS))


ROBERTA_HEAD = {f"lm_head.{name}.{part}": f"lm_head.{name}.{part}" for name in ("dense", "layer_norm") for part in BOTH}


def jina_v3(adapted=False, theta=20000.0):
    settings = dict(SIZES, **OF_CLASS, layer_norm_eps=1e-3)
    model = T.JinaEmbeddingsV3ForMaskedLM(
        T.JinaEmbeddingsV3Config(**settings, rope_parameters=dict(rope_type="default", rope_theta=theta))
    ).eval()
    base = model.base_model_prefix + "."
    word, kind = "embeddings.word_embeddings.", "embeddings.token_type_embeddings."
    inner = "parametrizations.weight.original" if adapted else "weight"
    names = {word + inner: word + "weight", kind + inner: kind + "weight", **EMB_LN}
    head = {} if adapted else {**ROBERTA_HEAD, "lm_head.bias": "lm_head.bias"}
    tensors = filling(model, {**under("roberta.", base, names), **head})
    if adapted:
        for part, rows in ((word, VOCAB), (kind, 1)):
            tensors[f"roberta.{part}parametrizations.weight.0.lora_A"] = [5, rows, 4]
            tensors[f"roberta.{part}parametrizations.weight.0.lora_B"] = [5, 4, DIM]
    flash = "jinaai/xlm-roberta-flash-implementation"
    config = dict(settings, model_type="xlm-roberta", position_embedding_type="rotary", **({} if theta == 1e4 else dict(rotary_emb_base=theta)),
                  lora_rank=4, lora_alpha=1, use_flash_attn=True, **code(flash, "configuration_xlm_roberta.XLMRobertaFlashConfig"))
    with torch.no_grad():
        rows, logits = model.base_model.embeddings(IDS), None if adapted else model.lm_head(hidden())
    return made("xlm_roberta_flash", config, tensors, rows, logits, turned(*angles(model.base_model.rotary_emb)))


def flash_absolute():
    settings = dict(SIZES, **OF_CLASS)
    model = T.XLMRobertaModel(T.XLMRobertaConfig(**settings), add_pooling_layer=False).eval()
    names = {**EMBEDDINGS, "embeddings.position_embeddings.weight": "embeddings.position_embeddings.weight", **EMB_LN}
    tensors = filling(model, under("roberta.", "", names))
    flash = "jinaai/xlm-roberta-flash-implementation"
    config = dict(settings, layer_norm_eps=1e-12, model_type="xlm-roberta", position_embedding_type="absolute",
                  **code(flash, "configuration_xlm_roberta.XLMRobertaFlashConfig"))
    with torch.no_grad():
        return made("xlm_roberta_flash", config, tensors, model.embeddings(IDS))


def neobert(**own):
    config = T.CohereConfig(**SIZES, num_hidden_layers=0, rope_parameters=dict(rope_type="default", rope_theta=1e4))
    table, decoder = torch.nn.Embedding(VOCAB, DIM), torch.nn.Linear(DIM, VOCAB)
    with torch.no_grad():
        table.weight.copy_(filled("model.encoder.weight", (VOCAB, DIM)))
        decoder.weight.copy_(filled("decoder.weight", (VOCAB, DIM)))
        decoder.bias.copy_(filled("decoder.bias", (VOCAB,)))
        rows, logits = table(IDS), decoder(hidden())
    tensors = {"model.encoder.weight": [VOCAB, DIM], "decoder.weight": [VOCAB, DIM], "decoder.bias": [VOCAB], "model.layer_norm.weight": [DIM]}
    turn = turned(*angles(cohere.CohereRotaryEmbedding(config)), apply=cohere.apply_rotary_pos_emb)
    hub = dict(hidden_size=DIM, num_attention_heads=HEADS, num_hidden_layers=28, intermediate_size=8, vocab_size=VOCAB, max_length=4096,
               norm_eps=1e-6, pad_token_id=0, model_type="neobert", architectures=["NeoBERTLMHead"], auto_map={"AutoConfig": "model.NeoBERTConfig"})
    return made("neobert", {**hub, **own}, tensors, rows, logits, turn)


def nomic(theta=1000.0, eps=1e-5, share=1.0, neighbours=False, activation="swiglu", **own):
    settings = dict(SIZES, num_hidden_layers=0, pad_token_id=0, type_vocab_size=2, layer_norm_eps=eps,
                    hidden_act={"swiglu": "silu", "gelu_new": "gelu_pytorch_tanh"}.get(activation, "gelu"))
    head_dim = int(DIM // HEADS * share)
    rope = dict(rope_type="default", rope_theta=theta)
    model = T.NomicBertForMaskedLM(T.NomicBertConfig(**settings, rope_parameters=rope)).eval()
    base = model.base_model_prefix + "."
    head = {f"cls.predictions.transform.dense.{part}": f"cls.predictions.transform.dense.{part}" for part in BOTH}
    head |= {f"cls.predictions.transform.layer_norm.{part}": f"cls.predictions.transform.layer_norm.{part}" for part in BOTH}
    tensors = filling(model, {**under("bert.", base, {**EMBEDDINGS, **EMB_LN}), **head, "cls.predictions.decoder.bias": "cls.predictions.bias"})
    with torch.no_grad():
        rows, logits = model.base_model.embeddings(IDS), model.cls(hidden())
    # Of a head of `head_dim` numbers: those that turn.
    small = T.CohereConfig(hidden_size=head_dim, num_attention_heads=1, head_dim=head_dim, max_position_embeddings=64, rope_parameters=rope)
    if neighbours:
        turn = turned(*angles(cohere.CohereRotaryEmbedding(small)), apply=cohere.apply_rotary_pos_emb)
    else:
        turn = turned(*angles(T.models.llama.modeling_llama.LlamaRotaryEmbedding(small)))
    hub = dict(n_embd=DIM, n_head=HEADS, n_layer=12, n_positions=64, n_inner=8, vocab_size=VOCAB, pad_token_id=0, type_vocab_size=2,
               model_type="nomic_bert", rotary_emb_fraction=share, rotary_emb_base=theta, layer_norm_epsilon=eps, rotary_emb_interleaved=neighbours,
               activation_function=activation, max_trained_positions=2048, rotary_scaling_factor=None,
               **code("nomic-ai/nomic-bert-2048", "configuration_hf_nomic_bert.NomicBertConfig"))
    return made("nomic_bert_own", {**hub, **own}, tensors, rows, logits, turn)


NEW = code("Alibaba-NLP/new-impl", "configuration.NewConfig")
SNOWFLAKE = dict(auto_map={"AutoConfig": "configuration_hf_alibaba_nlp_gte.GteConfig"})
COMMON = dict(position_embedding_type="rope", layer_norm_type="layer_norm", pack_qkv=True, unpad_inputs=False)
SIZE = DIM // HEADS

CASES = {
    "gte-base-en-v1.5": lambda: new_gte({**NEW, **COMMON, "rope_theta": 500000, "rope_scaling": dict(type="ntk", factor=2.0), "layer_norm_eps": 1e-3},
                                        1000000.0, rope=dict(factor=2.0 ** (2 / SIZE)), type_vocab_size=0, layer_norm_eps=1e-3),
    "gte-multilingual-base": lambda: new_gte({**NEW, **COMMON, "rope_theta": 20000, "rope_scaling": dict(type="ntk", factor=8.0)},
                                             160000.0, rope=dict(factor=8.0 ** (2 / SIZE))),
    "new, sizes only": lambda: new_gte({}, 10000.0),
    "new, learned positions": new_absolute,
    "snowflake-arctic-embed-m-v2": lambda: new_gte({**SNOWFLAKE, **COMMON, "rope_theta": 160000, "rope_scaling": None}, 160000.0, model_type="gte", prefix=""),
    "jina-embeddings-v2": jina_v2,
    "jina-v2's code, learned positions": jina_v2_absolute,
    "jina-embeddings-v3": lambda: jina_v3(adapted=True),
    "jina-v3's code, with a head": jina_v3,
    "jina-v3's code, no base": lambda: jina_v3(theta=1e4),
    "jina-v3's code, learned positions": flash_absolute,
    "NeoBERT": neobert,
    "NeoBERT, settings that mean nothing there": lambda: neobert(rope_theta=77, tie_word_embeddings=True, partial_rotary_factor=0.5),
    "nomic-embed-text-v1.5": nomic,
    "nomic-embed-text-v2-moe": lambda: nomic(theta=10000.0, eps=1e-3, activation="gelu"),
    "nomic's code, part of a head, neighbours": lambda: nomic(share=0.5, neighbours=True, activation="gelu_new"),
    "nomic's code, part of a head": lambda: nomic(share=0.5, activation="geglu"),
}

old = json.loads(OUT.read_text())["cases"] if NAMES else {}
cases = {name: case() if wanted(name) else old[name] for name, case in CASES.items()}
lines = ",\n".join(f"{json.dumps(name)}:{json.dumps(case, separators=(',', ':'))}" for name, case in cases.items())
versions = json.dumps(dict(torch=torch.__version__.split("+")[0], transformers=T.__version__))
OUT.write_text(f'{{"versions":{versions},"cases":{{\n{lines}\n}}}}\n')
finish()
