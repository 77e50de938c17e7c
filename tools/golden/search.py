"""Writes tests/golden/search.json: what exact search gives, by definitions in float64 that share nothing with the library.

    python tools/golden/search.py     (numpy; snowballstemmer for the words of English)
"""
import json
import re
from collections import Counter
from importlib.metadata import version

import numpy as np
import snowballstemmer

from golden_file import finish

rng = np.random.default_rng(14)

WORDS = """search index vector meaning keyword river mountain running runner ran cats cat happily relational
conditional adjustment connected connection connections plastered motoring ponies caresses technology possibly hoping
hopping falling agreed feed sky sized failing filing electrical hopeful goodness formative probate rate controll roll""".split()

# Words for each rule of Porter's, and for what stands in its way.
STEMMED = """caress ties ies sses gas this kiwis feed bleed freed breed tanned red bed shred sing ring string being troubled
sized hopped fizzed fallen hissing fizzing mixing snowing boxed trayed fly say dye happy enjoy yes yearly syzygy rational
operational valenci hesitanci digitizer conformabli radicalli differentli vileli analogousli vietnamization predication
operator feudalism decisiveness hopefulness callousness formaliti sensitiviti sensibiliti triplicate formalize electriciti
revival allowance inference airliner gyroscopic adjustable defensible irritant replacement adoption communism activate
angulariti homologous effective bowdlerize cease controlling rolled oxen union possession addition onion cement
abilities generalizations oscillators ings eeds edition bees aeed speed agreement element iou y yy by aye abcdefgh 9s
relate relativity conditionally usefulness internationalization antidisestablishmentarianism""".split()


def vectors():
    """Cosines and dot products of rows with queries; some rows equal, so that ids decide."""
    data = rng.standard_normal((57, 19)).astype(np.float32)
    data[40] = data[3]
    data[11] = data[3] * np.float32(2)
    queries = rng.standard_normal((3, 19)).astype(np.float32)
    queries[2] = data[3]
    wide, x = data.astype(np.float64), queries.astype(np.float64)
    dots = x @ wide.T
    cosines = dots / np.linalg.norm(wide, axis=1) / np.linalg.norm(x, axis=1)[:, None]
    return dict(data=data.ravel().tolist(), queries=queries.ravel().tolist(), rows=57, dim=19, dots=dots.tolist(), cosines=cosines.tolist())


def bm25(documents, query, k1, b):
    """Robertson and Zaragoza 2009; idf with the one inside the logarithm, so that it is never negative."""
    n, mean = len(documents), np.mean([len(words) for words in documents])
    scores = []
    for words in documents:
        counts, score = Counter(words), 0.0
        for word in query:
            df = sum(word in other for other in documents)
            idf = np.log(1 + (n - df + 0.5) / (df + 0.5))
            f = counts[word]
            score += idf * f * (k1 + 1) / (f + k1 * (1 - b + b * len(words) / mean)) if f else 0.0
        scores.append(float(score))
    return scores


def keywords():
    stem = snowballstemmer.stemmer("porter").stemWord
    texts = [" ".join(rng.choice(WORDS, size=rng.integers(1, 30))) for _ in range(40)]
    queries = [" ".join(rng.choice(WORDS, size=size)) for size in (1, 2, 4, 9)] + ["connecting hope", "search search cat"]
    cases = []
    for language, k1, b in [("none", 1.2, 0.75), ("none", 2.0, 0.0), ("english", 1.2, 0.75)]:
        split = lambda text: [stem(word) if language == "english" else word for word in re.findall("[a-z]+", text)]
        documents = [split(text) for text in texts]
        cases.append(dict(language=language, k1=k1, b=b, scores=[bm25(documents, split(query), k1, b) for query in queries]))
    stems = {word: stem(word) for word in WORDS + [word for word in STEMMED if len(word) > 2]}
    return dict(texts=texts, queries=queries, cases=cases, stems=stems)


def fusion():
    """Scores of both kinds become one. No two are equal, so that ranks are certain."""
    cosines = rng.permutation(np.linspace(-0.3, 0.9, 30))
    counts = np.where(rng.random(30) < 0.4, 0, rng.permutation(30) + 1.0)
    ranks = lambda x: np.argsort(np.argsort(-x)) + 1
    rrf = 0.5 * 61 / (60 + ranks(cosines)) + np.where(counts > 0, 0.5 * 61 / (60 + ranks(counts)), 0)
    minmax = (cosines - cosines.min()) / (cosines.max() - cosines.min())
    convex = 0.5 * minmax + 0.5 * counts / counts.max()
    auto = 0.3 * cosines + 0.7 * counts / 40
    return dict(cosines=cosines.tolist(), bm25=counts.tolist(), most=40, rrf=rrf.tolist(), convex=convex.tolist(), auto=auto.tolist())


versions = {name: version(name) for name in ("numpy", "snowballstemmer")}
with open("tests/golden/search.json", "w") as file:
    json.dump(dict(versions=versions, vectors=vectors(), keywords=keywords(), fusion=fusion()), file, separators=(",", ":"))
    file.write("\n")
finish()
