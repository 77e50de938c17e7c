"""Writes tests/golden/word_queries.json: what gensim's KeyedVectors answers to queries about small vectors.

    python tools/golden/word_queries.py     (gensim, numpy)
"""
import json
import tempfile
from importlib.metadata import version

import numpy as np
from gensim.models import KeyedVectors

from golden_file import finish

rng = np.random.default_rng(11)
DIM = 7
NOUNS = ["king", "queen", "man", "woman", "boy", "girl", "uncle", "aunt", "Paris", "France", "Rome", "Italy", "Oslo", "Norway"]
KEYS = NOUNS + ["King", "ROME"] + [f"w{i}" for i in range(30)]

# Pairs differ by nearly the same vector, so that some analogies hold and some do not.
data = rng.standard_normal((len(KEYS), DIM))
sex, land = rng.standard_normal(DIM), rng.standard_normal(DIM)
for i in range(0, 8, 2):
    data[i + 1] = data[i] + sex + 0.25 * rng.standard_normal(DIM)
for i in range(8, 14, 2):
    data[i + 1] = data[i] + 1.5 * land + 0.5 * rng.standard_normal(DIM)
data = data.astype(np.float32)
vectors = KeyedVectors(DIM)
vectors.add_vectors(KEYS, data)


def numbers(x):
    return np.asarray(x, dtype=np.float64).tolist()


def analogies(names):
    pairs = [(names[i], names[i + 1]) for i in range(0, len(names), 2)]
    return [f"{a} {b} {c} {d}" for a, b in pairs for c, d in pairs if a != c]


ANALOGIES = "\n".join([": family", *analogies(NOUNS[:8]), "king queen nobody nothing", "one two three", ": places", *analogies(NOUNS[8:])]) + "\n"
# No word with itself: how near to 1 that comes is rounding, which ranks would see.
PLACES = rng.choice(30 * 29, size=25, replace=False)
PAIRS = "# two words and how alike they are\n" + "\n".join(
    f"{KEYS[p % 30]}\t{KEYS[(p % 30 + 1 + p // 30) % 30]}\t{score:.2f}" for p, score in zip(PLACES, np.round(rng.random(25) * 8) / 2)
) + "\nking\tunheard\t3.5\nno number here\n"


def evaluated(options):
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file, tempfile.NamedTemporaryFile("w", suffix=".tsv") as tsv:
        file.write(ANALOGIES), tsv.write(PAIRS)
        file.flush(), tsv.flush()
        score, sections = vectors.evaluate_word_analogies(file.name, **options)
        pearson, spearman, oov = vectors.evaluate_word_pairs(tsv.name, **options)
    return dict(score=score, sections=sections, pearson=float(pearson[0]), spearman=float(spearman[0]), oov=oov)


MEANS = [dict(), dict(pre_normalize=False), dict(post_normalize=True), dict(weights=[0.5, -2.0, 1.0, 3.0])]
MEAN_KEYS = ["king", "unheard", "Oslo", "w3"]
golden = dict(versions={name: version(name) for name in ("gensim", "numpy")}, keys=KEYS, dim=DIM, data=data.ravel().tolist())
golden["distances"] = [[key, numbers(vectors.distances(key))] for key in ("king", "w7")]
golden["distancesOf"] = numbers(vectors.distances(data[3] * 2, ["boy", "girl"]))
golden["distance"] = float(vectors.distance("king", "Rome"))
golden["closerThan"] = [[a, b, vectors.closer_than(a, b), vectors.rank(a, b)] for a, b in (("king", "Rome"), ("w1", "w2"), ("king", "king"), ("Oslo", "w9"))]
golden["nSimilarity"] = [[a, b, float(vectors.n_similarity(a, b))] for a, b in ((["king", "man"], ["queen"]), (["w1", "w2", "w3"], ["Paris", "Rome"]))]
golden["means"] = [[options, numbers(vectors.get_mean_vector(MEAN_KEYS, **options))] for options in MEANS]
golden["meanKeys"] = MEAN_KEYS
golden["similarByVector"] = [[key, score] for key, score in vectors.similar_by_vector(data[5] * 3, topn=6)]
golden["similarByKey"] = [[key, score] for key, score in vectors.similar_by_key("Paris", topn=6)]
subset = vectors.vectors_for_all(["w4", "unheard", "king", "w4"])
golden["vectorsForAll"] = [subset.index_to_key, numbers(subset.vectors.ravel())]
golden["analogies"], golden["pairs"] = ANALOGIES, PAIRS
golden["evaluated"] = [[options, evaluated(options)] for options in (
    dict(), dict(case_insensitive=False), dict(dummy4unknown=True), dict(restrict_vocab=12))]

with open("tests/golden/word_queries.json", "w") as file:
    json.dump(golden, file, separators=(",", ":"))
    file.write("\n")
finish()
