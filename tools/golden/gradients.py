"""Writes tests/golden/gradients.json: torch's gradients of embeddings, bags, tied scores and losses, and what ten steps of its
optimisers make of them.

    python tools/golden/gradients.py [CASE ...]     (torch)
"""
from importlib.metadata import version

import torch
from torch import nn
from torch.nn import functional as F

from golden_file import JsonFile, finish

torch.manual_seed(17)
torch.set_default_dtype(torch.float32)
ROWS, DIM = 11, 6


def numbers(x):
    return [float(f"{value:.9g}") for value in x.detach().reshape(-1).tolist()]


golden = JsonFile("tests/golden/gradients.json", torch=version("torch"))

TABLE = torch.randn(ROWS, DIM)
IDS = torch.tensor([3, 1, 3, 0, 10, 4, 3, 1, 7])
OFFSETS = torch.tensor([0, 2, 2, 6, 9])
LOOKUP_GRADIENT, BAG_GRADIENT = torch.randn(len(IDS), DIM), torch.randn(len(OFFSETS) - 1, DIM)
WEIGHTS = torch.randn(len(IDS))

lookups = golden.cases("lookups", lambda case: case["name"])
for name, options in {
    "plain": {},
    "padding_idx": dict(padding_idx=3),
    "scale_grad_by_freq": dict(scale_grad_by_freq=True),
    "max_norm": dict(max_norm=1.5),
    "max_norm of L1": dict(max_norm=2.0, norm_type=1.0),
}.items():
    if not lookups.wanted(name):
        continue
    table = TABLE.clone().requires_grad_()
    out = F.embedding(IDS, table, **options)
    out.backward(LOOKUP_GRADIENT)
    lookups.add(name, dict(name=name, options=options, out=numbers(out), table=numbers(table), gradient=numbers(table.grad)))

bags = golden.cases("bags", lambda case: case["name"])
for name, options in {
    "sum": dict(mode="sum"),
    "mean": dict(mode="mean"),
    "max": dict(mode="max"),
    "sum with weights": dict(mode="sum", weights=True),
    "mean with padding": dict(mode="mean", padding_idx=3),
    "max with padding": dict(mode="max", padding_idx=3),
    "sum with weights and padding": dict(mode="sum", weights=True, padding_idx=3),
    "mean of scaled gradients": dict(mode="mean", scale_grad_by_freq=True),
    "sum of scaled gradients": dict(mode="sum", scale_grad_by_freq=True),
    "mean of length 1": dict(mode="mean", normalize=True),
    "sum with weights of length 1": dict(mode="sum", weights=True, normalize=True),
}.items():
    if not bags.wanted(name):
        continue
    table, weights = TABLE.clone().requires_grad_(), WEIGHTS.clone().requires_grad_()
    rest = {key: value for key, value in options.items() if key not in ("weights", "normalize")}
    out = F.embedding_bag(IDS, table, OFFSETS, include_last_offset=True,
                          per_sample_weights=weights if options.get("weights") else None, **rest)
    if options.get("normalize"):
        out = F.normalize(out, dim=-1)
    out.backward(BAG_GRADIENT)
    bags.add(name, dict(name=name, options=options, out=numbers(out), gradient=numbers(table.grad),
                        weightGradient=numbers(weights.grad) if options.get("weights") else None))

HIDDEN, TARGETS = torch.randn(5, DIM), torch.tensor([3, 0, 10, 3, 8])
NEGATIVES = torch.tensor([[1, 2], [4, 4], [0, 3], [5, 6], [9, 7]])
heads = golden.cases("heads", lambda case: case["name"])
for name in ("cross-entropy", "tied: both ends", "negative sampling"):
    if not heads.wanted(name):
        continue
    table, hidden = TABLE.clone().requires_grad_(), HIDDEN.clone().requires_grad_()
    if name == "cross-entropy":
        loss = F.cross_entropy(hidden @ table.T, TARGETS)
    elif name == "negative sampling":
        own = F.logsigmoid((hidden * table[TARGETS]).sum(-1))
        others = F.logsigmoid(-torch.einsum("nd,nkd->nk", hidden, table[NEGATIVES])).sum(-1)
        loss = -(own + others).mean()
    else:  # the same table embeds and scores
        loss = F.cross_entropy((F.embedding(IDS[:5], table) * hidden) @ table.T, TARGETS)
    loss.backward()
    heads.add(name, dict(name=name, loss=loss.item(), gradient=numbers(table.grad), hiddenGradient=numbers(hidden.grad)))

QUERIES, DOCUMENTS = torch.randn(4, DIM), torch.randn(7, DIM)
losses = golden.cases("losses", lambda case: case["name"])
for name, options in {
    "InfoNCE": dict(scale=20.0, dims=[DIM], weights=[1.0]),
    "InfoNCE, Matryoshka": dict(scale=5.0, dims=[DIM, 4, 2], weights=[1.0, 0.5, 0.25]),
    "cosine": dict(kind="cosine"),
    "mse": dict(kind="mse"),
}.items():
    if not losses.wanted(name):
        continue
    queries, documents = QUERIES.clone().requires_grad_(), DOCUMENTS.clone().requires_grad_()
    if "kind" in options:
        targets = documents[:4]
        loss = (1 - F.cosine_similarity(queries, targets)).mean() if name == "cosine" else F.mse_loss(queries, targets)
    else:
        loss = 0
        for size, weight in zip(options["dims"], options["weights"]):
            scores = F.normalize(queries[:, :size], dim=-1) @ F.normalize(documents[:, :size], dim=-1).T * options["scale"]
            loss = loss + weight * F.cross_entropy(scores, torch.arange(4))
    loss.backward()
    losses.add(name, dict(name=name, options=options, loss=loss.item(), queryGradient=numbers(queries.grad), documentGradient=numbers(documents.grad)))

# What a whole batch says: cosines between its vectors beside those between targets of another width, and pairs in both
# directions some of whose others are no negatives. Their numbers have a generator of their own, so that the others stay.
own = torch.Generator().manual_seed(18)
VECTORS, WIDE = torch.randn(6, DIM, generator=own), torch.randn(6, 9, generator=own)
similarities = golden.cases("similarities", lambda case: case["name"])
for name, options in {
    "squared differences": dict(similarityWeight=10.0),
    "divergence": dict(similarityWeight=0.0, klWeight=0.5, temperature=0.05),
    "divergence of some rows": dict(similarityWeight=0.0, klWeight=0.5, temperature=0.3, klRows=[0, 2, 3, 5]),
    "both, Matryoshka": dict(similarityWeight=10.0, klWeight=0.5, temperature=0.1, klRows=[1, 2, 4], dims=[DIM, 4, 2],
                             weights=[1.0, 0.5, 0.25]),
}.items():
    if not similarities.wanted(name):
        continue
    vectors = VECTORS.clone().requires_grad_()
    wanted = F.normalize(WIDE, dim=-1) @ F.normalize(WIDE, dim=-1).T
    rows = options.get("klRows", list(range(len(VECTORS))))
    others = ~torch.eye(len(rows), dtype=bool)

    def among(cosines):
        return (cosines[rows][:, rows] / options["temperature"])[others].reshape(len(rows), -1)

    loss = 0
    for size, weight in zip(options.get("dims", [DIM]), options.get("weights", [1.0])):
        unit = F.normalize(vectors[:, :size], dim=-1)
        found = unit @ unit.T
        loss = loss + weight * options["similarityWeight"] * F.mse_loss(found, wanted)
        if "klWeight" in options:
            kl = F.kl_div(F.log_softmax(among(found), -1), F.softmax(among(wanted), -1), reduction="batchmean")
            loss = loss + weight * options["klWeight"] * kl
    loss.backward()
    similarities.add(name, dict(name=name, options=options, loss=loss.item(), gradient=numbers(vectors.grad)))

EXCLUDE = torch.rand(4, 7, generator=own) < 0.3
both = golden.cases("rankings", lambda case: case["name"])
for name, options in {
    "both directions": dict(symmetric=True),
    "some excluded": dict(exclude=True),
    "both directions, some excluded, Matryoshka": dict(symmetric=True, exclude=True, dims=[DIM, 3], weights=[1.0, 0.5]),
}.items():
    if not both.wanted(name):
        continue
    queries, documents = QUERIES.clone().requires_grad_(), DOCUMENTS.clone().requires_grad_()
    masked = EXCLUDE.clone().fill_diagonal_(False) if options.get("exclude") else torch.zeros(4, 7, dtype=bool)
    loss = 0
    for size, weight in zip(options.get("dims", [DIM]), options.get("weights", [1.0])):
        scores = F.normalize(queries[:, :size], dim=-1) @ F.normalize(documents[:, :size], dim=-1).T * 20
        scores = scores.masked_fill(masked, -torch.inf)
        part = F.cross_entropy(scores, torch.arange(4))
        if options.get("symmetric"):
            part = (part + F.cross_entropy(scores.T[:4], torch.arange(4))) / 2
        loss = loss + weight * part
    loss.backward()
    both.add(name, dict(name=name, options=options, loss=loss.item(), queryGradient=numbers(queries.grad),
                        documentGradient=numbers(documents.grad)))

# Ten steps of an embedding whose rows are to become others, a few at a time.
BATCHES = [torch.randint(0, ROWS, (5,)) for _ in range(10)]
GOALS = torch.randn(ROWS, DIM)
optimisers = golden.cases("optimisers", lambda case: case["name"])
for name, (make, sparse, ours, options) in {
    "SGD": (torch.optim.SGD, True, "sgd", dict(lr=0.3)),
    "SGD with momentum": (torch.optim.SGD, False, "sgd", dict(lr=0.1, momentum=0.9)),
    "SGD with Nesterov's momentum": (torch.optim.SGD, False, "sgd", dict(lr=0.1, momentum=0.8, nesterov=True)),
    "SGD with dampening": (torch.optim.SGD, False, "sgd", dict(lr=0.1, momentum=0.8, dampening=0.3)),
    "Adagrad": (torch.optim.Adagrad, True, "adagrad", dict(lr=0.2, lr_decay=0.1, initial_accumulator_value=0.1, eps=1e-6)),
    "SparseAdam": (torch.optim.SparseAdam, True, "adam", dict(lr=0.05, betas=(0.8, 0.95), eps=1e-6)),
    "SparseAdam, clipped": (torch.optim.SparseAdam, True, "adam", dict(lr=0.05, clip=0.7)),
    "Adam, rows without a gradient too": (torch.optim.Adam, None, "adam", dict(lr=0.05, betas=(0.8, 0.95), eps=1e-12)),
    "SGD, falling": (torch.optim.SGD, True, "sgd", dict(lr=0.3, schedule=True)),
}.items():
    if not optimisers.wanted(name):
        continue
    clip, falls = options.pop("clip", None), options.pop("schedule", False)
    table = nn.Embedding.from_pretrained(TABLE.clone(), freeze=False, sparse=sparse is True)
    optimiser = make(table.parameters(), **options)
    all_ids = torch.arange(ROWS)
    for step, ids in enumerate(BATCHES):
        if falls:
            for group in optimiser.param_groups:
                group["lr"] = options["lr"] * (1 - step / 10)
        used = all_ids if sparse is False else ids  # momentum of rows that are not used is another thing there
        optimiser.zero_grad()
        ((table(used) - GOALS[used]) ** 2).sum().backward()
        if clip:
            gradient = table.weight.grad.coalesce()
            length = gradient.values().norm()
            table.weight.grad = gradient * torch.clamp(clip / (length + 1e-6), max=1.0)
        optimiser.step()
    if "betas" in options:
        options["betas"] = list(options["betas"])
    optimisers.add(name, dict(name=name, ours=ours, options=options, clip=clip, falls=falls, all=sparse is False, dense=sparse is None, table=numbers(table.weight)))

golden.write(rows=ROWS, dim=DIM, table=numbers(TABLE), ids=IDS.tolist(), offsets=OFFSETS.tolist(), lookupGradient=numbers(LOOKUP_GRADIENT),
             bagGradient=numbers(BAG_GRADIENT), weights=numbers(WEIGHTS), hidden=numbers(HIDDEN), targets=TARGETS.tolist(),
             negatives=NEGATIVES.reshape(-1).tolist(), queries=numbers(QUERIES), documents=numbers(DOCUMENTS), goals=numbers(GOALS),
             vectors=numbers(VECTORS), wide=numbers(WIDE), exclude=EXCLUDE.reshape(-1).int().tolist(),
             batches=[ids.tolist() for ids in BATCHES])
finish()
