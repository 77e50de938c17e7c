"""gensim's Word2Vec for tools/train/word_vectors.mjs: sentences, pairs of words, sg, epochs, seed -> processor time and cosines."""
import json
import sys
import time

from gensim.models import Word2Vec

with open(sys.argv[1], encoding="utf-8") as file:
    sentences = [line.split() for line in file]
with open(sys.argv[2], encoding="utf-8") as file:
    pairs = [line.split() for line in file]
sg, epochs, seed = map(int, sys.argv[3:6])
model = Word2Vec(sg=sg, workers=1, seed=seed, epochs=epochs)
model.build_vocab(sentences)
start = time.process_time()
model.train(sentences, total_examples=len(sentences), epochs=epochs)
seconds = time.process_time() - start
cosines = [float(model.wv.similarity(a, b)) if a in model.wv and b in model.wv else None for a, b in pairs]
print(json.dumps({"seconds": seconds, "cosines": cosines}))
