"""The student: a table of token rows whose mean stands for a text, and how it is trained."""

import json

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn.functional import cross_entropy, embedding_bag, kl_div, log_softmax, normalize, softmax
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


def fake_quantised(table, bits, group):
    """The table rounded to the values that will be stored; gradients pass as if it were not."""
    if bits is None:
        return table
    most = 2 ** (bits - 1) - 1
    with torch.no_grad():
        grouped = table.view(-1, group or table.shape[1])
        scale = (grouped.abs().amax(1, keepdim=True) / most).clamp_min(1e-12)
        rounded = (torch.round(grouped / scale).clamp(-most, most) * scale).view_as(table)
        error = rounded - table
    return table + error


def neighbourhoods(vectors, count, rng):
    """For each vector the nearest of `count` of them drawn at random, (n,)."""
    centres = torch.from_numpy(vectors[rng.permutation(len(vectors))[:count]].astype(np.float32)).T.contiguous()
    parts = [vectors[at : at + 16384] for at in range(0, len(vectors), 16384)]
    return np.concatenate([(torch.from_numpy(part.astype(np.float32)) @ centres).argmax(1).numpy() for part in parts])


def off_diagonal(square):
    """A square matrix without its diagonal, (n, n - 1)."""
    n = len(square)
    return square.flatten()[1:].view(n - 1, n + 1)[:, :-1].reshape(n, n - 1)


def imitation_loss(student, teacher, projected, sentences, o):
    """How far texts are from the teacher's vectors, and their similarities from the teacher's similarities.

    student (n, dim) is not normalised; teacher (n, width) and projected (n, dim) are. The KL loss compares
    only those of the rows that are `sentences`: over single words it costs word similarity.
    """
    loss = o['cosine'] * (1 - (normalize(student, dim=-1) * projected).sum(1).mean())
    wanted = projected @ projected.T

    def among_sentences(likeness):
        return off_diagonal(likeness[sentences][:, sentences]) / o['temperature']

    kl = o['kl'] if len(sentences) > 1 else 0
    sharp = softmax(among_sentences(wanted), dim=1) if kl else None
    for dim, weight in o['dims'].items():
        part = normalize(student[:, : int(dim)], dim=-1)
        found = part @ part.T
        if o['similarity']:
            loss = loss + weight * o['similarity'] * (found - wanted).square().mean()
        if kl:
            guess = log_softmax(among_sentences(found), dim=1)
            loss = loss + weight * kl * kl_div(guess, sharp, reduction='batchmean')
    return loss


def pair_loss(left, right, teacher_left, teacher_right, o):
    """Multiple negatives: a left side shall find its own right side in the batch, and the other way round.

    A right side that the teacher finds nearly as close to the left side as its own is no negative.
    """
    with torch.no_grad():
        likeness = teacher_left @ teacher_right.T
        same = teacher_right @ teacher_right.T
        own = likeness.diagonal()[:, None]
        masked = (likeness > own - o['margin']) | (same > o['duplicate'])
        masked.fill_diagonal_(False)
    target = torch.arange(len(left))
    loss = 0.0
    for dim, weight in o['dims'].items():
        a, b = normalize(left[:, : int(dim)], dim=-1), normalize(right[:, : int(dim)], dim=-1)
        scores = ((a @ b.T) / o['pair_temperature']).masked_fill(masked, -1e4)
        loss = loss + weight * (cross_entropy(scores, target) + cross_entropy(scores.T, target)) / 2
    return loss


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


class Trainer:
    """Fits a table with Adam, a rate that rises over the first steps and falls to zero over the rest."""

    def __init__(self, table, options, seed, report=print):
        torch.manual_seed(seed)
        self.table = torch.nn.Parameter(torch.tensor(np.asarray(table, np.float32)))
        self.o, self.rng, self.report = options, np.random.default_rng(seed), report

    def optimiser(self, steps, rate):
        adam = torch.optim.Adam([self.table], lr=rate, fused=True)
        warm = max(1, steps // 50)
        shape = lambda step: min((step + 1) / warm, (steps - step) / max(1, steps - warm))  # noqa: E731
        return adam, torch.optim.lr_scheduler.LambdaLR(adam, shape)

    def rows(self):
        return fake_quantised(self.table, self.o['bits'], self.o['group'])

    def imitate(self, bags, rows, targets, texts):
        ids, offsets = bags.batch(rows)
        student = embedding_bag(ids, texts, offsets)
        teacher, projected = targets(rows)
        lengths = bags.starts[rows + 1] - bags.starts[rows]
        sentences = torch.from_numpy(np.flatnonzero(lengths >= self.o['sentence']))
        return imitation_loss(student, teacher, projected, sentences, self.o)

    def order(self, count, groups):
        """All texts in random order; with `groups`, in runs of a few of one group, so that a batch has near texts."""
        order = self.rng.permutation(count)
        if groups is None:
            return order
        order = order[np.argsort(groups[order], kind='stable')]
        runs = [order[at : at + self.o['run']] for at in range(0, count, self.o['run'])]
        self.rng.shuffle(runs)
        return np.concatenate(runs)

    def run(self, bags, targets, epochs, batch, rate, pairs=None, groups=None):
        """Imitates the teacher on all bags; with `pairs` also pulls both sides of pairs together.

        The last bags are the tokens alone; of these each step takes `alone` more, so that words are compared
        with words and not only with sentences.

        `targets(rows)` gives the teacher's unit vectors and their projection; `pairs` has a method
        `batch(rng, size)` that gives bags and targets of both sides. `groups` says which texts are neighbours.
        """
        steps = int(epochs * (len(bags) // batch))
        adam, schedule = self.optimiser(steps, rate)
        order, at, total = self.order(len(bags), groups), 0, 0.0
        for step in range(steps):
            if at + batch > len(bags):
                order, at = self.order(len(bags), groups), 0
            texts = self.rows()
            loss = self.imitate(bags, order[at : at + batch], targets, texts)
            if self.o['alone']:
                words = len(bags) - len(texts) + self.rng.integers(len(texts), size=self.o['alone'])
                loss = loss + self.o['alone_weight'] * self.imitate(bags, words, targets, texts)
            if pairs is not None:
                (left, teacher_left), (right, teacher_right) = pairs.batch(self.rng, self.o['pair_batch'])
                sides = [embedding_bag(ids, texts, offsets) for ids, offsets in (left, right)]
                loss = loss + self.o['pairs'] * pair_loss(*sides, teacher_left, teacher_right, self.o)
            adam.zero_grad()
            loss.backward()
            adam.step()
            schedule.step()
            at, total = at + batch, total + loss.item()
            if (step + 1) % max(1, steps // 10) == 0:
                self.report(f'  step {step + 1} of {steps}: loss {total / max(1, steps // 10):.4f}')
                total = 0.0
        return self

    def result(self):
        return self.rows().detach().numpy()
