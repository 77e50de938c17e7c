"""Writes tests/golden/word_vectors/: small files of word vectors, and what gensim (fastText for .ftz) reads in them.

    python tools/golden/word_vectors.py [FILE or decimals ...]     (gensim, fasttext-wheel; ../shared/data/wordvec where it is there)
"""
import hashlib
import json
import logging
import os
import random
import tempfile

import fasttext
import gensim
import numpy as np
from gensim.models import FastText, KeyedVectors
from gensim.models.fasttext import load_facebook_vectors, save_facebook_model

from golden_file import NAMES, finish, wanted

logging.disable(logging.WARNING)
OUT, SHARED = "tests/golden/word_vectors", "../shared/data/wordvec"
os.makedirs(OUT, exist_ok=True)
rng = np.random.default_rng(7)
random.seed(7)

SENTENCES = """the king rules the land and the queen rules beside the king
a man and a woman walk through the land of the king
der König und die Königin regieren über das schöne Land
мама мыла раму а папа читал газету и пил чай
東京 は 日本 の 首都 です 京都 は 古い 都 です
l'été dernier nous étions à la plage près de la forêt
emoji 😀 and 👩‍🚀 are words too 😀 they say
women and men and children walk and walk and talk""".split("\n")
OOV = ["kingdom", "queens", "Königreich", "мамами", "東京都", "😀😀", "a", "", "walking talking", "été", "\u2028", "zzz" * 40]


def bits(vector):
    return np.asarray(vector, dtype="<f4").view("<u4").tolist()


def floats(vector):
    return [float(f"{x:.9g}") for x in np.asarray(vector, dtype=np.float64).ravel()]


def keyed(keys, dim):
    vectors = KeyedVectors(dim, count=len(keys))
    for key in keys:
        vectors.add_vector(key, (rng.standard_normal(dim) * 10.0 ** rng.integers(-6, 4)).astype(np.float32))
    return vectors


VERSIONS = dict(gensim=gensim.__version__, numpy=np.__version__, fasttext="0.9.2")
golden = dict(versions=VERSIONS)
if NAMES:
    with open(f"{OUT}/expected.json") as file:
        golden = json.load(file)


def record(name, case):
    """One case; where it was redone alone, with other versions than the file's, with its own."""
    golden[name] = case if golden["versions"] == VERSIONS else {**case, "versions": VERSIONS}


def corpus_file(lines):
    with tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False, encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in lines))
    return file.name


# word2vec's two formats and GloVe's.
keys = ["the", "König", "日本", "😀", "naïve", "1", ".", "nan", "-0.5", "a\u2028b", "\u00a0", "x" * 70, "</s>"]
vectors = keyed(keys, 7)
SMALL = [("small.w2v.bin", dict(binary=True), dict(binary=True)), ("small.w2v.txt", dict(binary=False), {}),
         ("small.glove.txt", dict(binary=False, write_header=False), dict(no_header=True))]
for name, written, options in SMALL:
    if not wanted(name):
        continue
    vectors.save_word2vec_format(f"{OUT}/{name}", **written)
    read = KeyedVectors.load_word2vec_format(f"{OUT}/{name}", **options)
    assert read.index_to_key == keys
    record(name, dict(keys=keys, bits=bits(read.vectors.ravel())))

# Decimals, of which double rounding and the ends of the range are the hard ones: numpy.float32(text), as gensim has it.
decimals = ["0", "-0", "0.0", "-0.0", ".5", "5.", "+1.5", "1e5", "1E-5", "1e+05", "-1.e-3", "3.4028235e38", "3.4028236e38",
            "3.5e38", "-1e39", "1e400", "1e-400", "1.4e-45", "7.006492321624085e-46", "7.006492321624086e-46", "1.17549435e-38",
            "1.00000005960464477539062500000000000000000001", "1.000000059604644775390625", "1.0000001788139343261718750001",
            "16777217", "16777217.0000000001", "9007199254740993", "123456789012345678901234567890", "0.1", "0.3", "2.5e-10",
            "0.000000000000000000000000000000000000000000001", "4.9e-324", "inf", "-inf", "Infinity", "nan", "-nan", "NaN",
            "8.5899345915e9", "33554434.999999999", "0.49999998509883880615234375", "1e22", "1e23", "1e-22", "1e-23"]
with np.errstate(over="ignore"):
    for _ in range(300):
        exact = np.float32(rng.standard_normal() * 10.0 ** rng.integers(-30, 30))
        near = np.nextafter(exact, np.float32(np.inf))
        middle = (float(exact) + float(near)) / 2
        decimals += [repr(middle), f"{middle:.25e}", f"{middle * (1 + 1e-16):.20g}", str(exact), f"{exact:.5g}"]
    if wanted("decimals"):
        golden["decimals"] = [[text, bits([np.float32(text)])[0]] for text in decimals]

# fastText: trained by gensim, and by fastText itself.
def by_gensim(path):
    corpus = [sentence.split() for sentence in SENTENCES]
    model = FastText(corpus, vector_size=6, min_count=1, bucket=300, min_n=2, max_n=5, epochs=20, seed=1, workers=1)
    save_facebook_model(model, path)


def by_fasttext(path, kind, **options):
    model = fasttext.train_unsupervised(corpus_file(SENTENCES), kind, dim=5, minCount=1, epoch=20, thread=1, **options)
    model.save_model(path)


TRAINED = {"gensim.bin": by_gensim,
           "facebook.bin": lambda path: by_fasttext(path, "skipgram", bucket=250, minn=1, maxn=3),
           "facebook_no_subwords.bin": lambda path: by_fasttext(path, "cbow", maxn=0)}
for name, train in TRAINED.items():
    if not wanted(name):
        continue
    train(f"{OUT}/{name}")
    read = load_facebook_vectors(f"{OUT}/{name}")
    entry = dict(keys=read.index_to_key, vectors=floats(read.vectors))
    if read.bucket:
        entry["oov"] = [[word, floats(read[word])] for word in OOV]
        entry["mostSimilar"] = [[word, score] for word, score in read.most_similar(positive=["kingdom", "queen"], negative=["man"])]
    record(name, entry)

# Supervised ones, whole, quantised, and pruned: what fastText says, as gensim reads none.
labelled = []
for i in range(400):
    words = [f"{random.choice('bdfgk')}{random.choice('aeiouäö')}{random.choice('lmnrs')}{i % 97}" for _ in range(6)]
    labelled.append(f"__label__{i % 3} {' '.join(words)} {random.choice(SENTENCES)}")
models = [("supervised.ftz", dict(qnorm=True, dsub=4)), ("pruned.ftz", dict(qnorm=False, dsub=2, cutoff=600))]
for name, options in models:
    if not wanted(name):
        continue
    labels = corpus_file(labelled)
    model = fasttext.train_supervised(labels, dim=6, bucket=400, minn=2, maxn=3, epoch=3, thread=1)
    model.quantize(labels, thread=1, **options)
    model.save_model(f"{OUT}/{name}")
    words = random.Random(name).sample(model.words, 40)
    known = set(model.words)
    oov = [word for word in OOV if word not in known and word.strip() and " " not in word]
    record(name, dict(rows=len(model.words), words=[[word, floats(model.get_word_vector(word))] for word in words + oov]))

# What gensim finds in real files.
real = [("emoji2vec.bin", dict(binary=True)), ("googlenews_1000x300.txt", {})]
for name, options in real if os.path.exists(SHARED) else []:
    if not wanted(name):
        continue
    read = KeyedVectors.load_word2vec_format(f"{SHARED}/{name}", **options)
    a, b, c, *rest = read.index_to_key[10:20]
    searches = [dict(positive=[a]), dict(positive=[a, b], negative=[c]), dict(positive=[[a, 0.5], [b, 2.0]], topn=3)]
    record(name, dict(
        rows=len(read), dim=read.vector_size, keys=hashlib.sha256("\n".join(read.index_to_key).encode()).hexdigest(),
        vectors=hashlib.sha256(read.vectors.astype("<f4").tobytes()).hexdigest(), similarity=[a, b, float(read.similarity(a, b))],
        mostSimilarCosmul=[[s, read.most_similar_cosmul(**s)] for s in searches[:2]],
        doesntMatch=[[a, b, c, *rest], read.doesnt_match([a, b, c, *rest])],
        mostSimilar=[[s, [[k, v] for k, v in read.most_similar(
            **{key: [tuple(i) if isinstance(i, list) else i for i in value] if isinstance(value, list) else value
               for key, value in s.items()})]] for s in searches]))

with open(f"{OUT}/expected.json", "w") as file:
    json.dump(golden, file, separators=(",", ":"))
    file.write("\n")
finish()
