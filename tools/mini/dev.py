"""What settings are chosen by: texts and pairs that training never sees."""

import numpy as np
import torch
from data import pairs_of
from scipy.stats import spearmanr
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import v_measure_score
from student import Bags
from torch.nn.functional import normalize


def unit(table, spec, texts, dim):
    return normalize(Bags.of(spec, texts).means(table)[:, :dim], dim=-1)


def agreement(vectors, teacher, rng):
    """Spearman correlation of the student's and the teacher's similarities: 10 near, 10 random each."""
    teacher = normalize(torch.from_numpy(teacher.astype(np.float32)), dim=-1)
    likeness = teacher @ teacher.T - 2 * torch.eye(len(teacher))
    near = likeness.topk(10, dim=1).indices
    other = torch.from_numpy(rng.integers(0, len(teacher), (len(teacher), 10)))
    right = torch.cat([near, other], dim=1)
    left = torch.arange(len(teacher))[:, None].expand_as(right)
    ours = (vectors[left.flatten()] * vectors[right.flatten()]).sum(1)
    return spearmanr(ours, (teacher[left.flatten()] * teacher[right.flatten()]).sum(1)).statistic


def retrieval(left, right, sources, distractors, fewest=25):
    """{source: mean reciprocal rank} of each pair's own right side among all right sides and distractors."""
    pool = torch.cat([right, distractors])
    scores = left @ pool.T
    own = scores[torch.arange(len(left)), torch.arange(len(left))]
    better = (scores > own[:, None] + 1e-6).sum(1)
    ranks = (1.0 / (1 + better)).numpy()
    sources = np.array(sources)
    names = [name for name in sorted(set(sources)) if (sources == name).sum() >= fewest]
    return {name: float(ranks[sources == name].mean()) for name in names}


class Development:
    """The held-out texts and pairs, and samples of the training texts for classifiers and distractors."""

    def __init__(self, split, seed=0, texts=4000, distractors=8000, examples=150):
        rng = np.random.default_rng(seed)
        dev, train = split['dev'], split['train']
        at = rng.permutation(len(dev['texts']))[:texts]
        self.texts, self.teacher = [dev['texts'][i] for i in at], dev['vectors'][at]
        self.pair_sources, self.left, self.right = pairs_of(dev['pairs'])[:3]
        rights = pairs_of(train['pairs'])[2]
        self.distractors = [rights[i] for i in rng.permutation(len(rights))[:distractors]]
        books = [s for s in sorted(set(dev['sources'])) if not s.endswith('.pairs') and not s.startswith('builtin')]
        self.train_texts, self.train_labels, self.test_texts, self.test_labels = [], [], [], []
        sources, dev_sources = np.array(train['sources']), np.array(dev['sources'])
        for label, source in enumerate(books):
            tests, trains = np.flatnonzero(dev_sources == source), np.flatnonzero(sources == source)
            if len(tests) < 20:
                continue
            trains = rng.permutation(trains)[:examples]
            self.train_texts += [train['texts'][i] for i in trains]
            self.train_labels += [label] * len(trains)
            self.test_texts += [dev['texts'][i] for i in tests[:60]]
            self.test_labels += [label] * len(tests[:60])

    def measure(self, table, spec, dim=None):
        """{name: value}, higher is better, all between 0 and 1."""
        dim = dim or table.shape[1]
        sides = [unit(table, spec, texts, dim) for texts in (self.left, self.right, self.distractors)]
        found = retrieval(sides[0], sides[1], self.pair_sources, sides[2])
        train, test = (unit(table, spec, texts, dim) for texts in (self.train_texts, self.test_texts))
        classifier = LogisticRegression(C=10, max_iter=200).fit(train.numpy(), self.train_labels)
        clusters = KMeans(len(set(self.test_labels)), n_init=2, random_state=0).fit(test.numpy()).labels_
        return {
            'agree': agreement(unit(table, spec, self.texts, dim), self.teacher, np.random.default_rng(0)),
            'pairs': float(np.mean(list(found.values()))),
            'classify': classifier.score(test.numpy(), self.test_labels),
            'cluster': v_measure_score(self.test_labels, clusters),
        }
