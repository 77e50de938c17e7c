"""Writes tests/golden/word2vec.json: what gensim's train_batch_sg and train_batch_cbow make of a small text, batch by batch, with
the random numbers that cpp/train draws.

    python tools/golden/word2vec.py [CASE ...]     (gensim, numpy)
"""
from importlib.metadata import version

import numpy as np
from gensim.models import Word2Vec
from gensim.models.word2vec_inner import train_batch_cbow, train_batch_sg

from golden_file import JsonFile, finish

MASK = 2**64 - 1
GOLDEN_RATIO = 0x9E3779B97F4A7C15


class SplitMix:
    """cpp/train/random.h"""

    def __init__(self, seed):
        self.state = seed & MASK

    def next(self):
        self.state = (self.state + GOLDEN_RATIO) & MASK
        z = self.state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & MASK
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MASK
        return z ^ (z >> 31)

    def below(self, limit):
        return (self.next() >> 32) * limit >> 32

    def number(self):
        return np.float32(self.next() >> 40) / np.float32(16777216)


class Draws:
    """Stands where gensim has NumPy's generator: two halves of the 48-bit state, then the windows."""

    def __init__(self, seed, epoch, batch):
        seed = SplitMix(SplitMix((seed << 32) | epoch).next() + batch).next()
        self.halves = [seed >> 24 & (2**24 - 1), seed & (2**24 - 1)]
        self.windows = SplitMix(seed)

    def randint(self, low, high, size=None):
        if size is None:
            return self.halves.pop(0)
        return np.array([self.windows.below(high) for _ in range(size)], dtype=np.int64)


rng = np.random.default_rng(3)
WORDS = 40


def one_tree(counts):
    """Whether no two nodes are equally frequent while Huffman's tree is made: then there is only one, and one order of the words."""
    heap = sorted(counts)
    while len(heap) > 1:
        if len(set(heap)) < len(heap):
            return False
        heap = sorted([heap[0] + heap[1], *heap[2:]])
    return True


counts = []
while not one_tree(counts or [1, 1]):
    counts = sorted({int(c * rng.uniform(0.7, 1.4)) for c in 600 / np.arange(1, WORDS + 10) ** 0.9}, reverse=True)[:WORDS]
stream = np.repeat(np.arange(len(counts)), counts)
rng.shuffle(stream)
SENTENCES, at = [], 0
while at < len(stream):
    n = int(rng.integers(1, 23))
    SENTENCES.append([f"w{w}" for w in stream[at:at + n]])
    at += n

CASES = {
    "skip-gram": dict(sg=1),
    "bag": dict(sg=0),
    "bag, the sum of the context": dict(sg=0, cbow_mean=0, alpha=0.01),
    "skip-gram, words left out": dict(sg=1, sample=0.01),
    "bag, words left out": dict(sg=0, sample=0.01, ns_exponent=0.5),
    "skip-gram, a count as sample": dict(sg=1, sample=20.0),
    "skip-gram, hierarchical softmax": dict(sg=1, hs=1, negative=0),
    "bag, hierarchical softmax": dict(sg=0, hs=1, negative=0),
    "skip-gram, both": dict(sg=1, hs=1, negative=3),
    "bag, both": dict(sg=0, hs=1, negative=7),
    "whole windows": dict(sg=1, shrink_windows=False, window=2),
    "many negative samples": dict(sg=1, negative=17, window=9),
    "an odd size, another seed": dict(sg=0, vector_size=5, seed=77, ns_exponent=-0.5),
}

golden = JsonFile("tests/golden/word2vec.json", gensim=version("gensim"), numpy=version("numpy"))
cases = golden.cases("cases", lambda case: case["name"])


def batches(most):
    batch, words = [], 0
    for sentence in SENTENCES:
        if words > 0 and words + len(sentence) > most:
            yield batch, words
            batch, words = [], 0
        batch.append(sentence)
        words += len(sentence)
    yield batch, words


for name, options in CASES.items():
    if not cases.wanted(name):
        continue
    full = dict(vector_size=8, window=5, negative=5, sample=0.0, alpha=0.05, seed=1) | options
    epochs, most, min_alpha = 2, 150, 0.0001
    model = Word2Vec(min_count=2, workers=1, min_alpha=min_alpha, **full)
    model.build_vocab(SENTENCES)
    size, seed, words = full["vector_size"], full["seed"], len(model.wv)
    draw = SplitMix(seed)
    model.wv.vectors = np.array([[(draw.number() * np.float32(2) - np.float32(1)) / np.float32(size) for _ in range(size)] for _ in range(words)], dtype=np.float32)
    work, neu1 = np.zeros(size, dtype=np.float32), np.zeros(size, dtype=np.float32)
    total = sum(map(len, SENTENCES))
    for epoch in range(epochs):
        done = 0
        for i, (batch, n) in enumerate(batches(most)):
            alpha = max(min_alpha, full["alpha"] - (full["alpha"] - min_alpha) * ((epoch + done / total) / epochs))
            model.random = Draws(seed, epoch, i)
            if full["sg"]:
                train_batch_sg(model, batch, alpha, work, False)
            else:
                train_batch_cbow(model, batch, alpha, work, neu1, False)
            done += n
    cases.add(name, dict(name=name, epochs=epochs, batchWords=most, minAlpha=min_alpha, **full, words=model.wv.index_to_key,
                         vectors=[float(f"{x:.9g}") for x in model.wv.vectors.ravel()]))

golden.write(sentences=[" ".join(sentence) for sentence in SENTENCES])
finish()
