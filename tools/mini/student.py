"""The student: a table of token rows whose mean stands for a text; what it begins with, and how it is finished."""

import json

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn.functional import embedding_bag
from vocabulary import UNKNOWN

LONGEST = 512  # ids of a text that count, as in config.json


class Bags:
    """Token ids of many texts in one array; text i has ids[starts[i]:starts[i + 1]]."""

    def __init__(self, ids, starts):
        self.ids, self.starts = ids, starts

    @classmethod
    def of(cls, spec, texts):
        """Ids of each text without unknown tokens, as Model2Vec pools them."""
        tokenizer = Tokenizer.from_str(json.dumps(spec))
        unknown = spec['model']['vocab'][UNKNOWN]
        parts, lengths = [], []
        for at in range(0, len(texts), 20_000):
            for encoding in tokenizer.encode_batch_fast(texts[at : at + 20_000], add_special_tokens=False):
                ids = np.array(encoding.ids[:LONGEST], np.int32)
                parts.append(ids[ids != unknown])
                lengths.append(len(parts[-1]))
        ids = np.concatenate(parts) if parts else np.empty(0, np.int32)
        return cls(ids, np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]))

    @classmethod
    def single(cls, count):
        """Each of the tokens 0 … count - 1 as a text of its own."""
        return cls(np.arange(count, dtype=np.int32), np.arange(count + 1, dtype=np.int64))

    @classmethod
    def join(cls, many):
        offsets = np.cumsum([0] + [len(bags.ids) for bags in many])
        starts = [bags.starts[:-1] + offset for bags, offset in zip(many, offsets, strict=False)]
        return cls(np.concatenate([bags.ids for bags in many]), np.concatenate([*starts, [offsets[-1]]]))

    def __len__(self):
        return len(self.starts) - 1

    def part(self, rows):
        """Some of the texts, in that order."""
        lengths = self.lengths()[rows]
        at = np.repeat(self.starts[rows] - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())
        return Bags(self.ids[at], np.concatenate([[0], np.cumsum(lengths)]))

    def lengths(self):
        return np.diff(self.starts)

    def batch(self, rows):
        """(ids, offsets) of some texts, as torch's embedding_bag takes them."""
        begin, length = self.starts[rows], self.starts[rows + 1] - self.starts[rows]
        offsets = np.cumsum(length) - length
        at = np.repeat(begin - offsets, length) + np.arange(length.sum())
        return torch.from_numpy(self.ids[at]), torch.from_numpy(offsets.astype(np.int32))

    def means(self, table, step=50_000):
        """The mean row of each text, (len(self), width); a text without tokens is zero."""
        table = torch.as_tensor(table)
        parts = [np.arange(at, min(at + step, len(self))) for at in range(0, len(self), step)]
        with torch.inference_mode():
            batches = [self.batch(part) for part in parts]
            return torch.cat([embedding_bag(ids, table, offsets) for ids, offsets in batches])


def projection(vectors, dim):
    """The `dim` leading right singular vectors, (width, dim): uncentred PCA, which keeps cosines."""
    _, axes = np.linalg.eigh(vectors.T @ vectors)
    return np.ascontiguousarray(axes[:, ::-1][:, :dim])


def frequencies(bags, vocab_size):
    """The share of each token in the texts, with add-one counts."""
    counts = np.bincount(bags.ids, minlength=vocab_size) + 1.0
    return counts / counts.sum()


def sif_weights(share, a):
    """a / (a + p(token)), smooth inverse frequency."""
    return (a / (a + share)).astype(np.float32)


def neighbourhoods(vectors, count, rng):
    """For each vector the nearest of `count` of them drawn at random, (n,)."""
    centres = torch.from_numpy(vectors[rng.permutation(len(vectors))[:count]].astype(np.float32)).T.contiguous()
    parts = [vectors[at : at + 16384] for at in range(0, len(vectors), 16384)]
    return np.concatenate([(torch.from_numpy(part.astype(np.float32)) @ centres).argmax(1).numpy() for part in parts])


def finished(table, tokens, share, sif, power, anchor):
    """The trained rows, turned a little towards the teacher's vectors of the tokens alone, and reweighted.

    Training bends a row to what its word does in sentences, which costs word similarity: `anchor` is how much
    of the token's own direction is added (0: none, 1: as much as the row itself). Then the rows of frequent words
    shrink by their smooth inverse frequency to a power, since imitation leaves them heavier than search wants.
    """
    length = np.linalg.norm(table, axis=1, keepdims=True)
    mixed = table / length + anchor * tokens / np.linalg.norm(tokens, axis=1, keepdims=True)
    mixed *= length / np.linalg.norm(mixed, axis=1, keepdims=True)
    return (mixed * (sif_weights(share, sif) ** power)[:, None]).astype(np.float32)
