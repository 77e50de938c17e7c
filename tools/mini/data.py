"""Training data and a development split of it: token bags beside the teacher's vectors.

One text in a hundred, chosen by its hash, is kept out of training. Settings are chosen on those texts,
never on an evaluation set.
"""

import re
import zlib

import numpy as np
import torch
from student import Bags
from torch.nn.functional import normalize

HELD_OUT = 100


def key(text):
    """A text without case and punctuation, for comparing texts."""
    return re.sub(r'\W+', ' ', text.lower()).strip()


def held_out(text):
    return zlib.crc32(key(text).encode()) % HELD_OUT == 0


class Vectors:
    """Teacher vectors in f16, given out as f32 with their projection."""

    def __init__(self, vectors, axes):
        self.vectors, self.axes = vectors, torch.from_numpy(axes)

    def __call__(self, rows):
        teacher = normalize(torch.from_numpy(self.vectors[rows].astype(np.float32)), dim=-1)
        return teacher, normalize(teacher @ self.axes, dim=-1)


class Pairs:
    """Both sides of pairs as bags, with the teacher's vectors; batches mix all sources."""

    def __init__(self, left, right, left_vectors, right_vectors):
        self.sides = (left, left_vectors), (right, right_vectors)
        full = (left.lengths() > 0) & (right.lengths() > 0)
        self.usable = np.flatnonzero(full)

    def __len__(self):
        return len(self.usable)

    def batch(self, rng, size):
        rows = rng.choice(self.usable, size, replace=False)
        return [(bags.batch(rows), self.unit(vectors[rows])) for bags, vectors in self.sides]

    @staticmethod
    def unit(vectors):
        return normalize(torch.from_numpy(vectors.astype(np.float32)), dim=-1)


def gather(plan, targets, forbidden=frozenset(), cached_only=False):
    """Everything of the plan that may be used, as lists and arrays, split by `held_out`.

    {'train': …, 'dev': …}, each with texts, vectors, sources and pairs (left, right, their vectors, sources).
    A pair is held out by its left side. Texts whose key is in `forbidden` are dropped.
    """
    split = {name: {'texts': [], 'vectors': [], 'sources': [], 'pairs': []} for name in ('train', 'dev')}
    for block in plan:
        texts = block.flat()
        if cached_only and not targets.path(texts).exists():
            continue
        vectors = targets.get(texts)
        bad = np.array([key(text) in forbidden for text in texts])
        out = np.array([held_out(text) for text in texts])
        if block.pairs:
            n = len(block.texts)
            out = np.concatenate([out[:n], out[:n]])
            fine = ~(bad[:n] | bad[n:])
            for name, part in (('train', ~out[:n] & fine), ('dev', out[:n] & fine)):
                at = np.flatnonzero(part)
                split[name]['pairs'].append((block.source, [block.texts[i] for i in at], vectors[at], vectors[n + at]))
        for name, part in (('train', ~out & ~bad), ('dev', out & ~bad)):
            at = np.flatnonzero(part)
            split[name]['texts'] += [texts[i] for i in at]
            split[name]['vectors'].append(vectors[at])
            split[name]['sources'] += [block.source + ('.pairs' if block.pairs else '')] * len(at)
    for part in split.values():
        part['vectors'] = np.concatenate(part['vectors'])
    return split


def pairs_of(parts):
    """(sources, lefts, rights, left vectors, right vectors) of the blocks of pairs that `gather` found."""
    sources = [name for name, texts, _, _ in parts for _ in texts]
    sides = [[pair[side] for _, texts, _, _ in parts for pair in texts] for side in (0, 1)]
    return sources, *sides, *(np.concatenate([part[2 + side] for part in parts]) for side in (0, 1))


def tokenised_pairs(spec, parts):
    _, left, right, left_vectors, right_vectors = pairs_of(parts)
    return Pairs(Bags.of(spec, left), Bags.of(spec, right), left_vectors, right_vectors)
