"""gensim's Word2Vec, driven as peers/model2vec_rs is: a line says whether skip-gram is meant, the answer is milliseconds."""
import sys
import time

from gensim.models import Word2Vec

with open(sys.argv[1], encoding="utf-8") as file:
    sentences = [line.split() for line in file]
for line in sys.stdin:
    model = Word2Vec(sg=int(line), workers=1)
    model.build_vocab(sentences)
    start = time.perf_counter()
    model.train(sentences, total_examples=len(sentences), epochs=1)
    print((time.perf_counter() - start) * 1e3, flush=True)
