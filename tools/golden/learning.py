"""Writes tests/golden/learning.json: what scikit-learn's PCA and LogisticRegression, and sentence-transformers, give for
small vectors, and LogisticRegression for texts.

    python tools/golden/learning.py     (scikit-learn, sentence-transformers, numpy)
"""
import json
from importlib.metadata import version

import numpy as np
import torch
from sentence_transformers import util
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression

from golden_file import finish

rng = np.random.default_rng(14)


def numbers(x):
    return np.asarray(x, dtype=np.float64).tolist()


def matrix(n, dim, spread=None):
    """float32 numbers, so that JavaScript has the very same."""
    x = rng.standard_normal((n, dim)) * (np.ones(dim) if spread is None else spread) + rng.standard_normal(dim)
    return x.astype(np.float32)


golden = dict(versions={name: version(name) for name in ("numpy", "scikit-learn", "sentence-transformers")})

golden["pca"] = []
for n, dim, components in [(50, 7, 7), (50, 7, 2), (8, 20, 7), (2, 3, 1), (200, 33, 10), (5, 1, 1)]:
    x = matrix(n, dim, np.linspace(3, 0.5, dim))
    model = PCA(n_components=components, svd_solver="full").fit(x.astype(np.float64))
    golden["pca"].append(dict(
        n=n, dim=dim, components=components, x=numbers(x.ravel()), axes=numbers(model.components_), mean=numbers(model.mean_),
        variance=numbers(model.explained_variance_), ratio=numbers(model.explained_variance_ratio_),
        points=numbers(model.transform(x.astype(np.float64)))))

golden["logistic"] = []
for n, dim, classes, C, balanced in [(10, 5, 2, 1.0, False), (30, 8, 3, 1.0, False), (30, 8, 3, 100.0, True), (24, 40, 5, 0.1, False),
                                     (60, 6, 2, 10.0, True), (12, 3, 4, 1.0, False)]:
    centers = rng.standard_normal((classes, dim))
    y = np.concatenate([np.arange(classes), rng.integers(0, classes, n - classes) ** 2 // max(1, classes - 1)])
    x = (centers[y] + rng.standard_normal((n, dim))).astype(np.float32)
    asked = rng.standard_normal((6, dim)).astype(np.float32)
    model = LogisticRegression(C=C, class_weight="balanced" if balanced else None, solver="newton-cholesky", tol=1e-12, max_iter=10000)
    model.fit(x.astype(np.float64), y)
    golden["logistic"].append(dict(
        n=n, dim=dim, C=C, balanced=balanced, x=numbers(x.ravel()), labels=y.tolist(), asked=numbers(asked.ravel()),
        weights=numbers(np.hstack([model.coef_, model.intercept_[:, None]])), probabilities=numbers(model.predict_proba(asked.astype(np.float64))),
        predicted=model.predict(asked.astype(np.float64)).tolist()))

x, asked = matrix(20, 6), matrix(5, 6)
labels = [f"class {i % 3}" for i in range(20)]
means = np.stack([x[[label == f"class {c}" for label in labels]].astype(np.float64).mean(axis=0) for c in range(3)])
golden["centroids"] = dict(
    n=20, dim=6, x=numbers(x.ravel()), labels=labels, asked=numbers(asked.ravel()), cosines=numbers(util.cos_sim(asked.astype(np.float64), means)))

# One after the other is kept, unless its cosine with one that was kept before is at least the threshold.
data = (np.repeat(rng.standard_normal((30, 9)), 6, axis=0) + 0.3 * rng.standard_normal((180, 9))).astype(np.float32)
data[7] = 0
data[11] = data[3]
data = data[rng.permutation(180)]
cosines = util.cos_sim(torch.tensor(data, dtype=torch.float64), torch.tensor(data, dtype=torch.float64)).numpy()
golden["duplicates"] = dict(n=180, dim=9, data=numbers(data.ravel()), cases=[])
for threshold in (0.8, 0.9, 0.97):
    kept, repeated = [], []
    for i in range(len(data)):
        best = max(kept, key=lambda j: cosines[i, j]) if kept else None
        if best is not None and data[i].any() and cosines[i, best] >= threshold:
            repeated.append([i, best, float(cosines[i, best])])
        else:
            kept.append(i)
    golden["duplicates"]["cases"].append(dict(threshold=threshold, kept=kept, duplicates=repeated))

# Texts whose words stand near the middle of their class, or of another one; a text's vector is the mean of its words, of
# length 1, as a static model's is.
own = np.random.default_rng(17)
words = [f"{'abcde'[i % 5]}{i}" for i in range(200)]
middles = 0.5 * own.standard_normal((5, 12))
rows = (middles[np.arange(200) % 5] + own.standard_normal((200, 12))).round(3).astype(np.float32)


def text(label):
    classes = np.where(own.random(7) < 0.55, label, own.integers(0, 5, 7))
    return [int(5 * own.integers(0, 40) + c) for c in classes]


y = own.integers(0, 5, 700) * (own.random(700) < 0.8)
ids = [text(label) for label in y]
x = np.stack([rows[each].astype(np.float64).mean(axis=0) for each in ids])
x /= np.linalg.norm(x, axis=1, keepdims=True)
golden["texts"] = dict(words=words, rows=[round(float(v), 3) for v in rows.ravel()], labels=y.tolist(), learnt=400,
                       texts=[" ".join(words[i] for i in each) for each in ids], cases=[])
for C, balanced in [(1.0, False), (10.0, False), (10.0, True)]:
    model = LogisticRegression(C=C, class_weight="balanced" if balanced else None, solver="newton-cholesky", tol=1e-12, max_iter=10000)
    model.fit(x[:400], y[:400])
    golden["texts"]["cases"].append(dict(C=C, balanced=balanced, accuracy=float(model.score(x[400:], y[400:])),
                                         predicted=model.predict(x[400:]).tolist()))

with open("tests/golden/learning.json", "w") as file:
    json.dump(golden, file, separators=(",", ":"))
    file.write("\n")
finish()
