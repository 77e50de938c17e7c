"""Python's model2vec, driven as peers/model2vec_rs is."""
import json
import sys
import time

from model2vec import StaticModel

model = StaticModel.from_pretrained(sys.argv[1], force_download=False)
files = {}
for line in sys.stdin:
    path, what = line.rstrip("\n").rsplit(" ", 1)
    if path not in files:
        with open(path, encoding="utf-8") as file:
            files[path] = file.read().split("\n")
    texts = files[path]
    if what == "vectors":
        print(json.dumps(model.encode(texts[:8]).ravel().tolist()), flush=True)
        continue
    start = time.perf_counter()
    if what == "batch":
        model.encode(texts, use_multiprocessing=False)
    else:
        for text in texts:
            model.encode([text], use_multiprocessing=False)
    print((time.perf_counter() - start) * 1e3, flush=True)
