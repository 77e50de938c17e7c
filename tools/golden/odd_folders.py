"""Writes tests/golden/odd_folders.json: folders of static models that are changed by hand, as people's folders are, and the
vectors that model2vec and sentence-transformers make of them, or that they load none.

    python tools/golden/odd_folders.py [folder ...]
    (sentence-transformers 6.2.0, model2vec 0.10.0, tokenizers, torch, safetensors)
"""

import base64
import json
import logging
import pathlib
import tempfile
from importlib.metadata import version

import numpy as np
import torch
from golden_file import NAMES, finish, wanted
from model2vec import StaticModel
from safetensors.numpy import load as load_numpy
from safetensors.numpy import save as save_numpy
from safetensors.torch import save as save_torch
from sentence_transformers import SentenceTransformer
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors

OUT = pathlib.Path("tests/golden/odd_folders.json")
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b", "c", "hello", "world", "query", ":", "##s"]
TEXTS = ["a b", "", "zz", "a zz b [UNK]", "Hello worlds", "a b c a hello", "query: a", "  a  [CLS] "]
DIM = 4
logging.disable(logging.CRITICAL)


def tokenizer_json():
    tokenizer = Tokenizer(models.WordPiece({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.add_special_tokens([AddedToken(word) for word in WORDS[:4]])
    return json.loads(tokenizer.to_str())


def word_level():
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return json.loads(tokenizer.to_str())


def unigram(unk_id=1):
    pieces = [("[PAD]", 0.0), ("[UNK]", 0.0), ("▁", -3.0), *((f"▁{word}", -2.0 - i / 8) for i, word in enumerate(WORDS[4:10])),
              ("a", -4.0), ("b", -4.5), ("s", -5.0)]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=unk_id))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    return json.loads(tokenizer.to_str())


def bpe(unk=None, fallback=False):
    letters = {letter: i for i, letter in enumerate(["[UNK]", *"abchelowrdqu:"])}
    tokenizer = Tokenizer(models.BPE({**letters, "he": 14}, [("h", "e")], unk_token=unk, byte_fallback=fallback))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return json.loads(tokenizer.to_str())


def table(rows=len(WORDS), dim=DIM, seed=7):
    """Quarters: sums of few of them are exact in every dtype."""
    return np.random.default_rng(seed).integers(-8, 9, (rows, dim)).astype("float32") / 4


def text(value):
    return json.dumps(value)


MAPPING = np.arange(len(WORDS)) % 5
WEIGHTS = np.arange(1, len(WORDS) + 1) / 4
STATIC = dict(idx=0, name="0", path="", type="sentence_transformers.sentence_transformer.modules.static_embedding.StaticEmbedding")
NORMALIZE = dict(idx=1, name="1", path="1_Normalize", type="sentence_transformers.models.Normalize")
DENSE = dict(idx=1, name="1", path="1_Dense", type="sentence_transformers.models.Dense")
NORM = dict(idx=1, name="1", path="1_LayerNorm", type="sentence_transformers.models.LayerNorm")
IDENTITY = "torch.nn.modules.linear.Identity"
SETTINGS = dict(in_features=DIM, out_features=3, bias=True, activation_function=IDENTITY)


def st(**more):
    """As sentence-transformers saves a StaticEmbedding."""
    return {
        "modules.json": text([STATIC]),
        "config_sentence_transformers.json": text(dict(prompts=dict(query="", document=""), default_prompt_name=None, similarity_fn_name="cosine")),
        "tokenizer.json": text(tokenizer_json()),
        "model.safetensors": save_numpy({"embedding.weight": table()}),
        **more,
    }


def st0(**more):
    """The same, as it saved before: the table in a folder of its own."""
    files = st()
    return {
        "modules.json": text([{**STATIC, "path": "0_StaticEmbedding", "type": "sentence_transformers.models.StaticEmbedding"}]),
        "config_sentence_transformers.json": files["config_sentence_transformers.json"],
        "0_StaticEmbedding/tokenizer.json": files["tokenizer.json"],
        "0_StaticEmbedding/model.safetensors": files["model.safetensors"],
        **more,
    }


def m2v(normalize=False, **more):
    """As model2vec saves."""
    modules = [{**STATIC, "path": ".", "type": "sentence_transformers.models.StaticEmbedding"}, *([NORMALIZE] if normalize else [])]
    return {
        "config.json": text(dict(model_type="model2vec", architectures=["StaticModel"], tokenizer_name="x", apply_pca=4, sif_coefficient=1e-4, hidden_dim=4, seq_length=1000000, normalize=normalize)),
        "modules.json": text(modules),
        "tokenizer.json": text(tokenizer_json()),
        "model.safetensors": save_numpy({"embeddings": table()}),
        **more,
    }


def config(**more):
    return {"config.json": text(more)}


def st_config(**more):
    return {"config_sentence_transformers.json": text(more)}


def tensors(**named):
    return {"model.safetensors": save_numpy({name.replace("__", "."): np.ascontiguousarray(value) for name, value in named.items()})}


def torch_tensors(**named):
    return {"model.safetensors": save_torch({name.replace("__", "."): value.contiguous() for name, value in named.items()})}


def tokenizer(change, base=tokenizer_json):
    value = base()
    change(value)
    return {"tokenizer.json": text(value)}


def without(files, *names):
    return {name: value for name, value in files.items() if name not in names}


def moved(files, into, *names):
    return {(f"{into}{name}" if name in names else name): value for name, value in files.items()}


def dense(settings=SETTINGS, weight=True, bias=True, out=3, dtype="float32", path="1_Dense", **more):
    rng = np.random.default_rng(3)
    held = {"linear.weight": rng.standard_normal((out, DIM)).astype(dtype)}
    if bias:
        held["linear.bias"] = rng.standard_normal(out).astype(dtype)
    held.update(more)
    return {f"{path}/config.json": text(settings), f"{path}/model.safetensors": save_numpy(held)}


def norm(dim=DIM, settings=None, **more):
    rng = np.random.default_rng(4)
    held = {"norm.weight": rng.standard_normal(dim).astype("float32"), "norm.bias": rng.standard_normal(dim).astype("float32"), **more}
    return {"1_LayerNorm/config.json": text(settings or dict(dimension=dim)), "1_LayerNorm/model.safetensors": save_numpy(held)}


def modules(*list_):
    return {"modules.json": text(list(list_))}


def with_dense(*changes, **more):
    return st(**modules(STATIC, DENSE), **dense(*changes, **more))


def cases():
    """Each case's name and its files."""
    both = table()
    yield "st", st()
    yield "st0", st0()
    yield "m2v", m2v()
    yield "m2v normalised", m2v(True)
    # Where the table is.
    for path in ["0_Static", "static", "a/b", "StaticEmbedding", "./0_StaticEmbedding", "0_StaticEmbedding/"]:
        clean = path.strip("./") + "/"
        files = moved(st(**modules({**STATIC, "path": path})), clean, "tokenizer.json", "model.safetensors")
        yield f"table in {path}", files
    yield "path .", st(**modules({**STATIC, "path": "."}))
    yield "path ./", st(**modules({**STATIC, "path": "./"}))
    yield "path that is not there", st(**modules({**STATIC, "path": "0_StaticEmbedding"}))
    yield "path without files, table elsewhere", st0(**modules(STATIC))
    yield "two tables, root and folder, path folder", {**st0(), **without(st(), "modules.json", "model.safetensors"), **tensors(embedding__weight=table(seed=9))}
    yield "two tables, root and folder, path root", {**st0(), **without(st(), "model.safetensors"), **tensors(embedding__weight=table(seed=9))}
    yield "tokenizer at the root, table in a folder", {**without(st0(), "0_StaticEmbedding/tokenizer.json"), "tokenizer.json": text(tokenizer_json())}
    yield "config.json beside a folder's table", st0(**config(normalize=True))
    yield "model2vec in a folder", moved(m2v(**modules({**STATIC, "path": "0_StaticEmbedding"})), "0_StaticEmbedding/", "tokenizer.json", "model.safetensors")
    yield "without modules.json", without(m2v(True), "modules.json")
    yield "without modules.json and config", without(m2v(), "modules.json", "config.json")
    yield "without config.json", without(m2v(True), "config.json")
    yield "st without its config", without(st(), "config_sentence_transformers.json")
    yield "st without modules.json", without(st(), "modules.json")
    yield "st0 without modules.json", without(st0(), "modules.json")
    yield "st config beside model2vec's", m2v(True, **st_config(truncate_dim=2, prompts=dict(query="query: "), default_prompt_name="query"))
    yield "embeddings.safetensors", {**without(m2v(), "model.safetensors"), "embeddings.safetensors": m2v()["model.safetensors"]}
    # What tensors are called, and of what type they are.
    yield "both names, st", st(**tensors(embedding__weight=both, embeddings=table(seed=9)))
    yield "both names, m2v", m2v(**tensors(embedding__weight=both, embeddings=table(seed=9)))
    yield "embedding.weight in m2v", m2v(**tensors(embedding__weight=both))
    yield "embeddings in st", st(**tensors(embeddings=both))
    yield "another name", st(**tensors(emb=both))
    yield "prefix", st(**tensors(model__embedding__weight=both))
    yield "more tensors", m2v(**tensors(embeddings=both, extra=both))
    for dtype in ["float64", "float16", "int8", "int16", "int32", "uint8"]:
        value = (both * 4).astype(dtype) if "int" in dtype else both.astype(dtype)
        yield f"m2v {dtype}", m2v(**tensors(embeddings=value))
        yield f"m2v {dtype} normalised", m2v(True, **tensors(embeddings=value))
        yield f"st {dtype}", st(**tensors(embedding__weight=value))
    yield "m2v bfloat16", m2v(**torch_tensors(embeddings=torch.tensor(both).bfloat16()))
    yield "st bfloat16", st(**torch_tensors(embedding__weight=torch.tensor(both).bfloat16()))
    yield "m2v float8", m2v(**torch_tensors(embeddings=torch.tensor(both).to(torch.float8_e4m3fn)))
    yield "st float8", st(**torch_tensors(embedding__weight=torch.tensor(both).to(torch.float8_e4m3fn)))
    few = table(5)
    for dtype in ["int64", "int32", "uint32", "int16", "uint16", "int8", "uint8", "uint64"]:
        yield f"mapping {dtype}", m2v(**tensors(embeddings=few, mapping=MAPPING.astype(dtype)))
    yield "mapping float32", m2v(**tensors(embeddings=few, mapping=MAPPING.astype("float32")))
    yield "mapping negative", m2v(**tensors(embeddings=few, mapping=MAPPING - 5))
    yield "mapping too short", m2v(**tensors(embeddings=few, mapping=MAPPING[:6]))
    yield "mapping too long", m2v(**tensors(embeddings=few, mapping=np.arange(30) % 5))
    yield "mapping beyond the table", m2v(**tensors(embeddings=few, mapping=MAPPING + 1))
    yield "mapping of two dimensions", m2v(**tensors(embeddings=few, mapping=MAPPING.reshape(-1, 1)))
    for dtype in ["float64", "float32", "float16", "int64", "int32"]:
        weights = (WEIGHTS * 4 if "int" in dtype else WEIGHTS).astype(dtype)
        yield f"weights {dtype}", m2v(**tensors(embeddings=both, weights=weights))
        yield f"weights {dtype} and mapping", m2v(**tensors(embeddings=few, weights=weights, mapping=MAPPING))
    yield "weights bfloat16", m2v(**torch_tensors(embeddings=torch.tensor(both), weights=torch.tensor(WEIGHTS).bfloat16()))
    yield "mapping bool", m2v(**tensors(embeddings=few, mapping=(MAPPING % 2).astype(bool)))
    yield "weights too long", m2v(**tensors(embeddings=both, weights=np.arange(20.0)))
    yield "weights too short", m2v(**tensors(embeddings=both, weights=WEIGHTS[:6]))
    yield "weights of two dimensions", m2v(**tensors(embeddings=both, weights=WEIGHTS.reshape(-1, 1)))
    yield "weights negative and zero", m2v(True, **tensors(embeddings=both, weights=WEIGHTS - 1.5))
    yield "weights, float16 table", m2v(True, **tensors(embeddings=both.astype("float16"), weights=WEIGHTS))
    yield "weights, int8 table, mapping", m2v(True, **tensors(embeddings=(few * 4).astype("int8"), weights=WEIGHTS, mapping=MAPPING))
    yield "st with weights", st(**tensors(embedding__weight=both, weights=WEIGHTS))
    yield "st with mapping", st(**tensors(embedding__weight=both, mapping=MAPPING))
    yield "st embeddings, weights and mapping", st(**tensors(embeddings=few, mapping=MAPPING, weights=WEIGHTS))
    yield "st0 embeddings, weights and mapping", st0(**{"0_StaticEmbedding/model.safetensors": save_numpy(dict(embeddings=few, mapping=MAPPING, weights=WEIGHTS))})
    yield "st embeddings, negative mapping", st(**tensors(embeddings=few, mapping=MAPPING - 5))
    yield "st embeddings, float16 and weights", st(**tensors(embeddings=both.astype("float16"), weights=WEIGHTS))
    yield "more rows than tokens, m2v", m2v(**tensors(embeddings=table(20)))
    yield "more rows than tokens, st", st(**tensors(embedding__weight=table(20)))
    yield "fewer rows than tokens, st", st(**tensors(embedding__weight=table(8)))
    yield "fewer rows than tokens, m2v", m2v(**tensors(embeddings=table(8)))
    yield "one dimension a row", m2v(True, **tensors(embeddings=table(dim=1)))
    # config.json of model2vec.
    for value in [True, False, None, 1, 0, "true", "false", "", [], [1], {}, 0.0]:
        for name, base in [("", False), (" and a Normalize module", True)]:
            yield f"normalize {value!r}{name}", m2v(base, **config(normalize=value))
    yield "no normalize", m2v(**config(tokenizer_name="x"))
    yield "no normalize, a Normalize module", m2v(True, **config(tokenizer_name="x"))
    yield "empty config", m2v(True, **config())
    for value in [None, 1, 2, 3, 512, 0, -1, 2.0, 2.5, "3", True, False, 10**12]:
        yield f"max_length {value!r}", m2v(**config(normalize=False, max_length=value))
    for name, settings in {
        "seq_length": dict(seq_length=2), "apply_pca": dict(apply_pca=2), "hidden_dim": dict(hidden_dim=2), "apply_zipf": dict(apply_zipf=True),
        "embedding_dtype": dict(embedding_dtype="int8"), "vocabulary_quantization": dict(vocabulary_quantization=3), "pooling": dict(pooling="max"),
        "model_type StaticModel": dict(model_type="StaticModel"), "no model_type": dict(architectures=["StaticModel"]), "model_type bert": dict(model_type="bert"),
        "architectures": dict(architectures=["BertModel"]), "null model_type": dict(model_type=None), "sif_coefficient": dict(sif_coefficient=None),
        "torch_dtype": dict(torch_dtype="float16"), "dtype": dict(dtype="float16"), "truncate_dim": dict(truncate_dim=2),
    }.items():
        yield f"config with {name}", m2v(**config(normalize=True, **settings))
    # modules.json
    yield "Normalize first", st(**modules(NORMALIZE, STATIC))
    yield "idx the other way", st(**modules({**STATIC, "idx": 1}, {**NORMALIZE, "idx": 0}))
    yield "idx missing", st(**modules({key: STATIC[key] for key in ("name", "path", "type")}))
    yield "name missing", st(**modules({key: STATIC[key] for key in ("idx", "path", "type")}))
    yield "path missing", st(**modules({key: STATIC[key] for key in ("idx", "name", "type")}))
    yield "names equal", st(**modules(STATIC, {**NORMALIZE, "name": "0"}))
    yield "names equal, twice dense", with_dense() | modules(STATIC, DENSE, {**NORMALIZE, "name": "1"})
    yield "names are words", st(**modules({**STATIC, "name": "static"}, {**NORMALIZE, "name": "unit"}))
    yield "kwargs", st(**modules({**STATIC, "kwargs": ["task"]}))
    yield "Normalize twice", st(**modules(STATIC, NORMALIZE, {**NORMALIZE, "name": "2"}))
    yield "no modules", st(**modules())
    yield "modules an object", st(**{"modules.json": text({})})
    for kind in ["sentence_transformers.models.StaticEmbedding", "sentence_transformers.models.StaticEmbedding.StaticEmbedding", "StaticEmbedding", "my.StaticEmbedding",
                 "sentence_transformers.sentence_transformer.modules.StaticEmbedding", "sentence_transformers.models.BoW", "sentence_transformers.models.Transformer"]:
        yield f"first {kind}", st(**modules({**STATIC, "type": kind}))
    for kind in ["sentence_transformers.models.Normalize.Normalize", "sentence_transformers.base.modules.normalize.Normalize", "Normalize", "my.Normalize", "torch.nn.Identity",
                 "sentence_transformers.models.Pooling", "sentence_transformers.models.Dropout", "sentence_transformers.models.Asym", "sentence_transformers.base.modules.Normalize"]:
        yield f"second {kind}", st(**modules(STATIC, {**NORMALIZE, "type": kind}), **{"1_Normalize/config.json": text(dict(dropout=0.3)) if "Dropout" in kind else "{}"})
    yield "Normalize's folder at the root", st(**modules(STATIC, {**NORMALIZE, "path": ""}))
    yield "Normalize of token_embeddings", st(**modules(STATIC, NORMALIZE), **{"1_Normalize/config.json": text(dict(module_input_name="token_embeddings"))})
    yield "Normalize into another name", st(**modules(STATIC, NORMALIZE), **{"1_Normalize/config.json": text(dict(module_output_name="unit"))})
    yield "Normalize with its config", st(**modules(STATIC, NORMALIZE), **{"1_Normalize/config.json": text(dict(module_input_name="sentence_embedding", module_output_name="sentence_embedding", p=1))})
    yield "Normalize in model2vec's of token_embeddings", m2v(True, **{"1_Normalize/config.json": text(dict(module_input_name="token_embeddings"))})
    # Dense
    yield "dense", with_dense()
    yield "dense without bias", with_dense({**SETTINGS, "bias": False}, bias=False)
    yield "dense, bias false but there", with_dense({**SETTINGS, "bias": False})
    yield "dense, bias true but missing", with_dense(bias=False)
    yield "dense, bias left out of its config", with_dense({key: value for key, value in SETTINGS.items() if key != "bias"})
    yield "dense, activation left out", with_dense({key: value for key, value in SETTINGS.items() if key != "activation_function"})
    yield "dense, activation null", with_dense({**SETTINGS, "activation_function": None})
    yield "dense, in_features wrong", with_dense({**SETTINGS, "in_features": 5})
    yield "dense, out_features wrong", with_dense({**SETTINGS, "out_features": 5})
    yield "dense, in_features missing", with_dense({key: value for key, value in SETTINGS.items() if key != "in_features"})
    yield "dense, more in its config", with_dense({**SETTINGS, "init_weight": None, "my": 3})
    yield "dense, no config", without(with_dense(), "1_Dense/config.json")
    yield "dense, no weights", without(with_dense(), "1_Dense/model.safetensors")
    yield "dense, more tensors", with_dense(**{"extra": np.zeros(3, "float32")})
    yield "dense, another path", st(**modules(STATIC, {**DENSE, "path": "2_Dense"}), **dense(path="2_Dense"))
    yield "dense, path with ./", st(**modules(STATIC, {**DENSE, "path": "./1_Dense"}), **dense())
    yield "dense, path at the root", st(**modules(STATIC, {**DENSE, "path": ""}), **{"config.json": text(SETTINGS)})
    for kind in ["sentence_transformers.models.Dense.Dense", "sentence_transformers.base.modules.dense.Dense", "sentence_transformers.base.modules.Dense", "my.Dense"]:
        yield f"dense as {kind}", st(**modules(STATIC, {**DENSE, "type": kind}), **dense())
    for dtype in ["float16", "float64"]:
        yield f"dense {dtype}", with_dense(dtype=dtype)
    for activation in ["torch.nn.Tanh", "torch.nn.modules.activation.GELU", "torch.nn.Softmax", "torch.nn.functional.relu", "torch.nn.Sequential", "torch.relu", "transformers.activations.GELUActivation",
                       "torch.nn.modules.activation.Hardswish", "torch.nn.modules.activation.SELU", "torch.nn.modules.activation.CELU", "torch.nn.modules.activation.Softsign",
                       "torch.nn.modules.activation.LogSigmoid", "torch.nn.modules.activation.Tanhshrink", "torch.nn.modules.activation.Softshrink", "torch.nn.modules.activation.Hardshrink",
                       "torch.nn.modules.activation.Hardsigmoid", "torch.nn.modules.activation.RReLU", "torch.nn.modules.activation.PReLU", "torch.nn.modules.activation.GLU", "torch.nn.Module", "torch.nn.Dropout"]:
        yield f"dense with {activation}", with_dense({**SETTINGS, "activation_function": activation})
    yield "dense, residual of one size", with_dense({**SETTINGS, "out_features": DIM, "use_residual": True}, out=DIM)
    yield "dense, residual null", with_dense({**SETTINGS, "use_residual": None})
    yield "dense, residual 1", with_dense({**SETTINGS, "out_features": DIM, "use_residual": 1}, out=DIM)
    yield "dense, residual without its weights", with_dense({**SETTINGS, "use_residual": True})
    yield "dense of token_embeddings", with_dense({**SETTINGS, "module_input_name": "token_embeddings"})
    yield "dense into another name", with_dense({**SETTINGS, "module_output_name": "x"})
    yield "dense with names null", with_dense({**SETTINGS, "module_input_name": "sentence_embedding", "module_output_name": None})
    # Norms
    yield "layer norm", st(**modules(STATIC, NORM), **norm())
    yield "layer norm, dimension wrong", st(**modules(STATIC, NORM), **norm(settings=dict(dimension=5)))
    yield "layer norm, no config", without(st(**modules(STATIC, NORM), **norm()), "1_LayerNorm/config.json")
    yield "layer norm, no bias", st(**modules(STATIC, NORM), **{**norm(), "1_LayerNorm/model.safetensors": save_numpy({"norm.weight": np.ones(DIM, "float32")})})
    yield "layer norm, its eps", st(**modules(STATIC, NORM), **norm(settings=dict(dimension=DIM, eps=0.5)))
    yield "layer norm, more tensors", st(**modules(STATIC, NORM), **norm(extra=np.ones(2, "float32")))
    # Prompts and truncation
    for name, settings in {
        "none": {}, "null": dict(prompts=None), "null text": dict(prompts=dict(query=None, x="b ")), "a list": dict(prompts=["a"]), "a number": dict(prompts=dict(x=1)),
        "default": dict(prompts=dict(x="b "), default_prompt_name="x"), "default null": dict(prompts=dict(x="b "), default_prompt_name=None),
        "default query of none": dict(default_prompt_name="query"), "default document": dict(prompts=dict(x="b "), default_prompt_name="document"),
        "default unknown": dict(prompts=dict(x="b "), default_prompt_name="y"), "default empty name": dict(prompts={"": "b "}, default_prompt_name=""),
        "default empty": dict(prompts=dict(x=""), default_prompt_name="x"), "default of query": dict(prompts=dict(query="query: "), default_prompt_name="query"),
        "default false": dict(default_prompt_name=False), "default empty name unknown": dict(default_prompt_name=""),
    }.items():
        yield f"prompts: {name}", st(**st_config(**settings))
    for value in [None, 1, 2, 3, 4, 5, 100, 0, -1, 2.0, "2", True]:
        yield f"truncate_dim {value!r}", st(**modules(STATIC, NORMALIZE), **st_config(truncate_dim=value))
    yield "similarity_fn_name", st(**st_config(similarity_fn_name="dot"))
    yield "model_type SparseEncoder", st(**st_config(model_type="SparseEncoder"))
    yield "model_type SentenceTransformer", st(**st_config(model_type="SentenceTransformer", __version__=dict(sentence_transformers="9.0.0")))
    yield "sentence_bert_config", st(**{"sentence_bert_config.json": text(dict(max_seq_length=2, do_lower_case=True))})
    # tokenizer.json
    for side, base in [("st", st), ("m2v", m2v)]:
        for name, change in {
            "without version": lambda t: t.pop("version"), "without added_tokens": lambda t: t.pop("added_tokens"), "added_tokens empty": lambda t: t.update(added_tokens=[]),
            "without truncation and padding": lambda t: (t.pop("truncation"), t.pop("padding")), "without post_processor": lambda t: t.pop("post_processor"),
            "without normalizer": lambda t: t.pop("normalizer"), "without pre_tokenizer": lambda t: t.pop("pre_tokenizer"), "without decoder": lambda t: t.pop("decoder"),
            "without model": lambda t: t.pop("model"), "without unk_token": lambda t: t["model"].pop("unk_token"), "unk_token not in it": lambda t: t["model"].update(unk_token="[unknown]"),
            "without continuing_subword_prefix": lambda t: t["model"].pop("continuing_subword_prefix"), "without max_input_chars_per_word": lambda t: t["model"].pop("max_input_chars_per_word"),
            "without the model's type": lambda t: t["model"].pop("type"),
            "truncation 3": lambda t: t.update(truncation=dict(direction="Right", max_length=3, strategy="LongestFirst", stride=0)),
            "truncation 2 from the left": lambda t: t.update(truncation=dict(direction="Left", max_length=2, strategy="LongestFirst", stride=0)),
            "truncation 2 with stride": lambda t: t.update(truncation=dict(direction="Right", max_length=2, strategy="LongestFirst", stride=1)),
            "truncation 3, stride 3": lambda t: t.update(truncation=dict(direction="Right", max_length=3, strategy="LongestFirst", stride=3)),
            "truncation only_first": lambda t: t.update(truncation=dict(direction="Right", max_length=2, strategy="OnlyFirst", stride=0)),
            "truncation only_second": lambda t: t.update(truncation=dict(direction="Right", max_length=2, strategy="OnlySecond", stride=0)),
            "truncation 0": lambda t: t.update(truncation=dict(direction="Right", max_length=0, strategy="LongestFirst", stride=0)),
            "truncation without direction": lambda t: t.update(truncation=dict(max_length=2, strategy="LongestFirst", stride=0)),
            "truncation without stride": lambda t: t.update(truncation=dict(max_length=2, strategy="LongestFirst")),
            "truncation of another direction": lambda t: t.update(truncation=dict(direction="Up", max_length=2, strategy="LongestFirst", stride=0)),
            "truncation that is lower case": lambda t: t.update(truncation=dict(direction="left", max_length=2, strategy="LongestFirst", stride=0)),
            "padding": lambda t: t.update(padding=dict(strategy={"Fixed": 8}, direction="Right", pad_to_multiple_of=None, pad_id=0, pad_type_id=0, pad_token="[PAD]")),
            "padding to a multiple": lambda t: t.update(padding=dict(strategy="BatchLongest", direction="Left", pad_to_multiple_of=8, pad_id=0, pad_type_id=0, pad_token="[PAD]")),
            "an added word": lambda t: t["added_tokens"].append(dict(id=7, content="hello", single_word=False, lstrip=False, rstrip=False, normalized=False, special=False)),
            "an added token without a row": lambda t: t["added_tokens"].append(dict(id=12, content="zz", single_word=False, lstrip=False, rstrip=False, normalized=False, special=False)),
            "an added unknown token twice": lambda t: t["added_tokens"].append(t["added_tokens"][1]),
        }.items():
            yield f"tokenizer {name}, {side}", base(**tokenizer(change))
        for name, value in {"WordLevel": word_level(), "Unigram": unigram(), "Unigram without unk_id": unigram(None), "Unigram of unk_id 0": unigram(0)}.items():
            yield f"tokenizer {name}, {side}", base(**{"tokenizer.json": text(value)})
        for name, value in {"BPE without unk_token": bpe(), "BPE with unk_token": bpe("[UNK]"), "BPE, unk_token and fallback": bpe("[UNK]", True)}.items():
            name_of = "embeddings" if side == "m2v" else "embedding__weight"
            yield f"tokenizer {name}, {side}", base(**{"tokenizer.json": text(value)}, **tensors(**{name_of: table(15)}))
        yield f"tokenizer_config.json, {side}", base(**{"tokenizer_config.json": text(dict(do_lower_case=False, model_max_length=2, unk_token="a", add_prefix_space=True))})
        yield f"special_tokens_map.json, {side}", base(**{"special_tokens_map.json": text(dict(unk_token="a"))})
        yield f"no tokenizer, {side}", without(base(), "tokenizer.json")
        yield f"vocab.txt instead of tokenizer.json, {side}", {**without(base(), "tokenizer.json"), "vocab.txt": "\n".join(WORDS) + "\n"}
        yield f"an index of shards, {side}", moved(base(), "x/", "model.safetensors") | {"model.safetensors.index.json": text(dict(weight_map={"embeddings": "x/model.safetensors"}))}
        yield f"onnx and openvino beside it, {side}", base(**{"onnx/model.onnx": "x", "openvino/openvino_model.xml": "x", "pytorch_model.bin": "x"})
        yield f"pytorch_model.bin alone, {side}", {**without(base(), "model.safetensors"), "pytorch_model.bin": "x"}


def of_sentence_transformers(folder):
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    return [model.encode([text_], convert_to_numpy=False)[0].double().numpy() for text_ in TEXTS]


def of_model2vec(folder):
    model = StaticModel.from_pretrained(folder)
    return np.concatenate([model.encode([text_]) for text_ in TEXTS]).astype("float64")


def attempt(call, folder):
    try:
        return [[None if np.isnan(value) else float(f"{value:.6g}") for value in row] for row in np.asarray(call(folder), dtype="float64")]
    except BaseException as error:  # a panic of tokenizers is no Exception
        return f"{type(error).__name__}: {' '.join(str(error).split())[:80]}"


def observed(files):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name) / "m"
        for path, content in files.items():
            path = folder / path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        found = {"sentence-transformers": attempt(of_sentence_transformers, folder), "model2vec": attempt(of_model2vec, folder)}
        return {key: value.replace(name, "") if isinstance(value, str) else value for key, value in found.items()}


def stored(content):
    return content if isinstance(content, str) else dict(base64=base64.b64encode(content).decode())


def main():
    golden = json.loads(OUT.read_text()) if NAMES else {}
    made, shared = golden.get("folders", {}), golden.get("contents", [])
    for name, files in cases():
        if not wanted(name):
            continue
        kept = {}
        for path, content in files.items():
            content = stored(content)
            if content not in shared:
                shared.append(content)
            kept[path] = shared.index(content)
        made[name] = dict(files=kept, **observed(files))
        print(name, {key: value if isinstance(value, str) else "vectors" for key, value in made[name].items() if key != "files"}, flush=True)
    versions = {name: version(name) for name in ("sentence-transformers", "model2vec", "tokenizers", "torch", "safetensors", "numpy")}
    lines = ",\n".join(f"{json.dumps(name)}:{json.dumps(made[name], separators=(',', ':'))}" for name in made)
    contents = ",\n".join(json.dumps(each, separators=(",", ":")) for each in shared)
    OUT.write_text(f'{{"versions":{json.dumps(versions)},"texts":{json.dumps(TEXTS)},"contents":[\n{contents}\n],"folders":{{\n{lines}\n}}}}\n')
    print(f"{OUT}: {OUT.stat().st_size} bytes, {len(made)} folders")


main()
finish()
