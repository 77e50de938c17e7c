"""Exact search in Python, driven as peers/model2vec_rs is. Arguments: who searches, a file of f32 rows, their dim. The answer
to the first line is the seconds that the index took; each further line is a query in base64, and the answer milliseconds and ten rows."""
import base64
import sys
import time

import numpy as np

TOP = 10
who, file, dim = sys.argv[1], sys.argv[2], int(sys.argv[3])
rows = np.fromfile(file, dtype=np.float32).reshape(-1, dim)
start = time.perf_counter()
if who == "numpy":
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def search(query):
        scores = units @ (query / np.linalg.norm(query))
        best = np.argpartition(-scores, TOP)[:TOP]
        return best[np.argsort(-scores[best])]

elif who == "gensim":
    from gensim.models import KeyedVectors

    vectors = KeyedVectors(dim)
    vectors.add_vectors(list(range(1, len(rows) + 1)), rows)  # a key of 0 is none
    vectors.fill_norms()

    def search(query):
        return [key - 1 for key, _ in vectors.similar_by_vector(query, topn=TOP)]

else:
    import sqlite3

    import sqlite_vec

    database = sqlite3.connect(":memory:")
    database.enable_load_extension(True)
    sqlite_vec.load(database)
    database.execute(f"create virtual table v using vec0(e float[{dim}] distance_metric=cosine)")
    database.executemany("insert into v(rowid, e) values (?, ?)", ((i, row.tobytes()) for i, row in enumerate(rows)))

    def search(query):
        found = database.execute("select rowid from v where e match ? and k = ? order by distance", (query.tobytes(), TOP))
        return [row for row, in found]


seconds = time.perf_counter() - start
sys.stdin.readline()  # any
print(seconds, flush=True)
for line in sys.stdin:
    query = np.frombuffer(base64.b64decode(line), dtype=np.float32)
    start = time.perf_counter()
    found = search(query)
    print((time.perf_counter() - start) * 1e3, *found, flush=True)
