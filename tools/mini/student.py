"""The student: a table of token rows whose weighted mean stands for a text."""

import json
import re

import numpy as np
import torch
from tokenizers import Tokenizer

UNKNOWN = '[UNK]'
KEPT = re.compile(r'[\x21-\x7e\xa1-\u024f\u2010-\u2044\u20ac\u2122]+')  # Latin script, its punctuation and signs
DROPPED = re.compile(r'\[(unused\d+|CLS|SEP|MASK)\]')


def pruned_tokenizer(path):
    """(tokenizer as a JSON object, old ids of the tokens that stay), in the teacher's order."""
    spec = json.loads(path.read_text('utf-8'))
    vocab = sorted(spec['model']['vocab'].items(), key=lambda item: item[1])
    kept = [(token, old) for token, old in vocab if KEPT.fullmatch(token) and not DROPPED.fullmatch(token)]
    new_id = {token: i for i, (token, _) in enumerate(kept)}
    spec['model']['vocab'] = new_id
    spec['added_tokens'] = [
        dict(entry, id=new_id[entry['content']]) for entry in spec['added_tokens'] if entry['content'] in new_id
    ]
    spec['post_processor'] = spec['truncation'] = spec['padding'] = None
    return spec, [old for _, old in kept]


def token_ids(spec, texts):
    """Ids of each text without unknown tokens, as Model2Vec pools them."""
    tokenizer = Tokenizer.from_str(json.dumps(spec))
    unknown = spec['model']['vocab'][UNKNOWN]
    return [[i for i in e.ids if i != unknown] for e in tokenizer.encode_batch(texts, add_special_tokens=False)]


def projection(vectors, dim):
    """The `dim` leading right singular vectors, (width, dim): uncentred PCA, which keeps cosines."""
    _, axes = np.linalg.eigh(vectors.T @ vectors)
    return np.ascontiguousarray(axes[:, ::-1][:, :dim])


def sif_weights(ids, vocab_size, a):
    """a / (a + p(token)), smooth inverse frequency with add-one counts."""
    counts = np.bincount(np.concatenate(ids), minlength=vocab_size) + 1.0
    return (a / (a + counts / counts.sum())).astype(np.float32)


def bags(ids):
    """Flat ids and the start of each bag, as torch.nn.EmbeddingBag takes them."""
    starts = np.cumsum([0] + [len(x) for x in ids[:-1]])
    return torch.tensor(np.concatenate(ids)), torch.tensor(starts)


def loss_of(student, teacher, similarity_weight):
    """Mean cosine distance, plus the difference between the two in-batch similarity matrices."""
    cosine = 1 - (student * teacher).sum(1).mean()
    return cosine + similarity_weight * (student @ student.T - teacher @ teacher.T).square().mean()


def train(table, ids, targets, *, epochs, batch, rate, similarity_weight, seed, report=print):
    """Fits the table to the teacher's sentence vectors with Adam and a rate that falls to zero."""
    torch.manual_seed(seed)
    layer = torch.nn.EmbeddingBag.from_pretrained(torch.tensor(table), freeze=False, mode='mean')
    optimiser = torch.optim.Adam(layer.parameters(), lr=rate, fused=True)
    steps = epochs * (len(ids) // batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / steps)
    targets = torch.tensor(targets)
    for epoch in range(epochs):
        order, total = np.random.default_rng(seed + epoch).permutation(len(ids)), 0.0
        for start in range(0, len(ids) - batch + 1, batch):
            part = order[start : start + batch]
            student = torch.nn.functional.normalize(layer(*bags([ids[i] for i in part])), dim=-1)
            loss = loss_of(student, targets[part], similarity_weight)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item()
        report(f'epoch {epoch + 1}: loss {total / (len(ids) // batch):.4f}')
    return layer.weight.detach().numpy()


def quantise(table):
    """(i8 rows, f32 scale of each row) with row = scale * i8; the largest value of a row becomes 127."""
    scale = np.maximum(np.abs(table).max(1), 1e-12) / 127
    return np.rint(table / scale[:, None]).astype(np.int8), scale.astype(np.float32)
