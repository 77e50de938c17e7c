"""Training data and a development split of it: texts beside the teacher's vectors.

One text in a hundred, chosen by its hash, is kept out of training. Settings are chosen on those texts,
never on an evaluation set.
"""

import re
import zlib

import numpy as np

HELD_OUT = 100


def key(text):
    """A text without case and punctuation, for comparing texts."""
    return re.sub(r'\W+', ' ', text.lower()).strip()


def held_out(text):
    return zlib.crc32(key(text).encode()) % HELD_OUT == 0


def gather(plan, targets, forbidden=frozenset(), cached_only=False):
    """Everything of the plan that may be used, as lists and arrays, split by `held_out`.

    {'train': …, 'dev': …}, each with texts, vectors, sources and pairs (left, right, their vectors, sources), and as
    `places` where the two sides of each pair are among its texts. A pair is held out by its left side. Texts whose
    key is in `forbidden` are dropped.
    """
    split = {name: {'texts': [], 'vectors': [], 'sources': [], 'pairs': [], 'places': []} for name in ('train', 'dev')}
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
                chosen = ~out & ~bad if name == 'train' else out & ~bad
                place = len(split[name]['texts']) + np.cumsum(chosen) - 1
                split[name]['places'].append(np.stack([place[at], place[n + at]], 1))
        for name, part in (('train', ~out & ~bad), ('dev', out & ~bad)):
            at = np.flatnonzero(part)
            split[name]['texts'] += [texts[i] for i in at]
            split[name]['vectors'].append(vectors[at])
            split[name]['sources'] += [block.source + ('.pairs' if block.pairs else '')] * len(at)
    for part in split.values():
        part['vectors'] = np.concatenate(part['vectors'])
        part['places'] = np.concatenate([np.empty((0, 2), np.int64), *part['places']])
    return split


def pairs_of(parts):
    """(sources, lefts, rights, left vectors, right vectors) of the blocks of pairs that `gather` found."""
    sources = [name for name, texts, _, _ in parts for _ in texts]
    sides = [[pair[side] for _, texts, _, _ in parts for pair in texts] for side in (0, 1)]
    return sources, *sides, *(np.concatenate([part[2 + side] for part in parts]) for side in (0, 1))
