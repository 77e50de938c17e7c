"""Writes tests/golden/util.json: what sentence-transformers' util gives for small vectors.

    python tools/golden/util.py     (sentence-transformers, numpy)
"""
import json
from importlib.metadata import version

import numpy as np
import torch
from sentence_transformers import util
from sentence_transformers.util import quantize_embeddings

from golden_file import finish

rng = np.random.default_rng(6)
N, DIM = 40, 13

# Clusters, so that communities exist; one vector is zero, one comes twice, one dimension never changes.
centers = rng.standard_normal((4, DIM))
data = (np.repeat(centers, 10, axis=0) + 0.35 * rng.standard_normal((N, DIM))).astype(np.float32)
data[5] = 0
data[:, 7] = 0.5
data[21] = data[20]
queries = rng.standard_normal((3, DIM)).astype(np.float32)


def numbers(x):
    return np.asarray(x, dtype=np.float64).tolist()


golden = dict(versions={name: version(name) for name in ("numpy", "sentence-transformers")})
golden.update(n=N, dim=DIM, data=data.ravel().tolist(), queries=queries.ravel().tolist())
golden["cosSim"] = numbers(util.cos_sim(queries, data))
golden["dotScore"] = numbers(util.dot_score(queries, data))
golden["pairwiseCosSim"] = numbers(util.pairwise_cos_sim(torch.tensor(data[:3]), torch.tensor(queries)))
golden["pairwiseDotScore"] = numbers(util.pairwise_dot_score(torch.tensor(data[:3]), torch.tensor(queries)))
golden["truncateDim"] = numbers(util.truncate_embeddings(torch.tensor(data), 5))
golden["semanticSearch"] = [[[hit["corpus_id"], hit["score"]] for hit in hits] for hits in util.semantic_search(queries, data, top_k=7)]
golden["paraphraseMining"] = [[score, i, j] for score, i, j in util.paraphrase_mining_embeddings(torch.tensor(data), top_k=5, max_pairs=60)]
golden["communityDetection"] = [
    dict(threshold=threshold, minCommunitySize=size, groups=util.community_detection(torch.tensor(data), threshold=threshold, min_community_size=size))
    for threshold, size in [(0.75, 3), (0.6, 5), (0.9, 2), (0.75, 10)]
]
calibration = data[:11] * 0.8
golden["calibration"] = calibration.ravel().tolist()
golden["quantizeEmbeddings"] = {
    precision: [quantize_embeddings(data, precision).ravel().tolist(), quantize_embeddings(data, precision, calibration_embeddings=calibration).ravel().tolist()]
    for precision in ("int8", "uint8", "binary", "ubinary")
}

with open("tests/golden/util.json", "w") as file:
    json.dump(golden, file, separators=(",", ":"))
    file.write("\n")
finish()
