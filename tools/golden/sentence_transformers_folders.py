"""Writes tests/golden/sentence_transformers.json: small folders of StaticEmbedding models and what comes after them, saved by
sentence-transformers, with the vectors that it gives; the same for what model2vec saves and loads.

    python tools/golden/sentence_transformers_folders.py [folder ...]
    (sentence-transformers 6.2.0, model2vec 0.10.0, tokenizers, torch, safetensors)
"""
import base64
import json
import pathlib
import tempfile
from importlib.metadata import version

import numpy as np
import torch
from model2vec import StaticModel
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Dense, Normalize
from sentence_transformers.sentence_transformer.modules import Dropout, LayerNorm, StaticEmbedding
from golden_file import NAMES, finish, wanted
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors

OUT = pathlib.Path("tests/golden/sentence_transformers.json")
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b", "c", "hello", "world", "query", "document", ":", "##s"]
TEXTS = ["a b", "a", "", "zz", "a zz b", "hello world hello", "Hello worlds", "b " * 700, "query: a", " ", "c c c a"]
DIM = 6


def word_piece(**more):
    tokenizer = Tokenizer(models.WordPiece({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    tokenizer.add_special_tokens([AddedToken(word) for word in WORDS[:4]])
    return tokenizer


def unigram():
    pieces = [("[UNK]", 0.0), ("[PAD]", 0.0), ("▁", -3.0), *((f"▁{word}", -2.0 - i / 8) for i, word in enumerate(WORDS[4:11])), ("a", -4.0), ("b", -4.5), ("s", -5.0)]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=0))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    return tokenizer


def byte_bpe():
    letters = {letter: i for i, letter in enumerate(["Ġ", *"abchelowrdqutyz", ":"])}
    tokenizer = Tokenizer(models.BPE({**letters, "Ġa": 17, "he": 18, "ll": 19}, [("Ġ", "a"), ("h", "e"), ("l", "l")]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    return tokenizer


def static(tokenizer, dtype=torch.float32, dim=DIM):
    torch.manual_seed(7)
    # Quarters: sums of few of them are exact in every dtype.
    weights = torch.randint(-8, 9, (tokenizer.get_vocab_size(), dim)).float() / 4
    return StaticEmbedding(tokenizer, embedding_weights=weights.to(dtype))


def dense(into, out, activation=None, **more):
    torch.manual_seed(into * 10 + out)
    return Dense(into, out, activation_function=activation or torch.nn.Identity(), **more)


def norm(dim):
    module = LayerNorm(dim)
    torch.manual_seed(dim)
    torch.nn.init.normal_(module.norm.weight)
    torch.nn.init.normal_(module.norm.bias)
    return module


def cut(tokenizer, length, **more):
    tokenizer.enable_truncation(length, **more)
    return tokenizer


def padded(tokenizer):
    tokenizer.enable_padding(pad_id=0, pad_token="[PAD]", length=8)
    return tokenizer


ACTIVATIONS = [torch.nn.Identity, torch.nn.Tanh, torch.nn.ReLU, torch.nn.GELU, torch.nn.SiLU, torch.nn.Sigmoid, torch.nn.LeakyReLU,
               torch.nn.ELU, torch.nn.Mish, torch.nn.Softplus, torch.nn.Hardtanh, torch.nn.ReLU6]
QUERY = dict(prompts=dict(query="query: ", document="document: "))
FOLDERS = {
    "plain": lambda: dict(modules=[static(word_piece())]),
    "normalised": lambda: dict(modules=[static(word_piece()), Normalize()]),
    "half precision": lambda: dict(modules=[static(word_piece(), torch.float16)]),
    "double precision": lambda: dict(modules=[static(word_piece(), torch.float64)]),
    "bfloat16": lambda: dict(modules=[static(word_piece(), torch.bfloat16)]),
    "unigram": lambda: dict(modules=[static(unigram()), Normalize()]),
    "byte-level BPE": lambda: dict(modules=[static(byte_bpe())]),
    "cut to 3": lambda: dict(modules=[static(cut(word_piece(), 3))]),
    "cut to 3 from the left": lambda: dict(modules=[static(cut(word_piece(), 3, direction="left"))]),
    "padded": lambda: dict(modules=[static(padded(word_piece()))]),
    "truncate_dim": lambda: dict(modules=[static(word_piece())], truncate_dim=4),
    "truncate_dim after a norm": lambda: dict(modules=[static(word_piece()), Normalize()], truncate_dim=4),
    "truncate_dim above the dim": lambda: dict(modules=[static(word_piece())], truncate_dim=40),
    "prompts": lambda: dict(modules=[static(word_piece())], **QUERY),
    "a default prompt": lambda: dict(modules=[static(word_piece())], default_prompt_name="query", **QUERY),
    "dense": lambda: dict(modules=[static(word_piece()), dense(DIM, 3)]),
    "dense, norm, dense, unit length": lambda: dict(modules=[static(word_piece()), dense(DIM, 8, torch.nn.Tanh()), norm(8), dense(8, 5, bias=False), Normalize()]),
    "unit length, then dense": lambda: dict(modules=[static(word_piece()), Normalize(), dense(DIM, 4)]),
    "a norm": lambda: dict(modules=[static(word_piece()), norm(DIM)]),
    "a residual": lambda: dict(modules=[static(word_piece()), dense(DIM, DIM, torch.nn.GELU(), use_residual=True)]),
    "a projected residual": lambda: dict(modules=[static(word_piece()), dense(DIM, 3, use_residual=True)]),
    "dense and truncate_dim": lambda: dict(modules=[static(word_piece()), dense(DIM, 4, torch.nn.ReLU())], truncate_dim=2),
    "dropout": lambda: dict(modules=[static(word_piece()), Dropout(0.5), dense(DIM, 3)]),
    **{f"dense with {kind.__name__}": (lambda kind=kind: dict(modules=[static(word_piece()), dense(DIM, 3, kind())])) for kind in ACTIVATIONS},
}


def rounded(vectors):
    return [[None if np.isnan(value) else float(f"{value:.7g}") for value in row] for row in np.asarray(vectors, dtype=np.float64)]


def files_of(folder):
    """Every file but the model card: JSON as text, others in base64."""
    files = {}
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.is_file() and path.suffix != ".md":
            name = path.relative_to(folder).as_posix()
            files[name] = path.read_text() if path.suffix == ".json" else dict(base64=base64.b64encode(path.read_bytes()).decode())
    return files


def sentence_transformer(make):
    settings = make()
    model = SentenceTransformer(device="cpu", **settings)
    with tempfile.TemporaryDirectory() as folder:
        model.save(folder, create_model_card=False)
        model = SentenceTransformer(folder, device="cpu")
        made = dict(files=files_of(folder), vectors=rounded(each(model, TEXTS)))
        if settings.get("prompts"):
            made["query"] = rounded(each(model, TEXTS, prompt_name="query"))
            made["other"] = rounded(each(model, TEXTS, prompt="hello "))
            made["no prompt"] = rounded(each(model, TEXTS, prompt=""))
        if not settings.get("truncate_dim"):
            made["dimensions 2"] = rounded(each(model, TEXTS, truncate_dim=2))
        made["unit length"] = rounded(each(model, TEXTS, normalize_embeddings=True))
    return made


def each(model, texts, **options):
    """One at a time: the order in which a batch adds does not count."""
    return [model.encode([text], convert_to_numpy=False, **options)[0].double().numpy() for text in texts]


def static_model(tokenizer, dtype, normalize, **more):
    """The same by model2vec, which drops unknown tokens and cuts to 512."""
    vectors = static(tokenizer).embedding.weight.detach().numpy().astype(dtype)
    vectors = (vectors * 4).astype(dtype) if dtype == "int8" else vectors
    with tempfile.TemporaryDirectory() as folder:
        StaticModel(vectors, tokenizer, normalize=normalize, **more).save_pretrained(folder)
        model = StaticModel.from_pretrained(folder)
        return dict(files=files_of(folder), vectors=rounded(np.concatenate([model.encode([text]) for text in TEXTS])))


MODEL2VEC = {
    "model2vec": lambda: static_model(word_piece(), "float32", True),
    "model2vec, not normalised": lambda: static_model(word_piece(), "float32", False),
    "model2vec, float64": lambda: static_model(word_piece(), "float64", False),
    "model2vec, float16": lambda: static_model(word_piece(), "float16", False),
    "model2vec, int8": lambda: static_model(word_piece(), "int8", False),
    "model2vec, Unigram": lambda: static_model(unigram(), "float32", False),
    "model2vec, BPE": lambda: static_model(byte_bpe(), "float32", False),
    "model2vec, cut to 3": lambda: static_model(word_piece(), "float32", False, max_length=3),
    "model2vec, never cut": lambda: static_model(word_piece(), "float32", False, max_length=None),
    "model2vec, weights": lambda: static_model(word_piece(), "float32", False, weights=np.arange(len(WORDS), dtype="float64") / 4),
}


def main(names):
    made = json.loads(OUT.read_text())["folders"] if OUT.exists() and names else {}
    for name, make in FOLDERS.items():
        if wanted(name):
            made[name] = dict(rules="sentence-transformers", **sentence_transformer(make))
    for name, make in MODEL2VEC.items():
        if wanted(name):
            made[name] = dict(rules="model2vec", **make())
    versions = {name: version(name) for name in ("sentence-transformers", "model2vec", "tokenizers", "torch", "safetensors")}
    lines = ",\n".join(f"{json.dumps(name)}:{json.dumps(made[name], ensure_ascii=True, separators=(',', ':'))}" for name in made)
    OUT.write_text(f'{{"versions":{json.dumps(versions)},"texts":{json.dumps(TEXTS)},"folders":{{\n{lines}\n}}}}\n')
    print(f"{OUT}: {OUT.stat().st_size} bytes, {len(made)} folders")


main(NAMES)
finish()
