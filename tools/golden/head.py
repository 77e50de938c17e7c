"""Writes tests/golden/head.json: a head's scores and losses by torch, and the tokens transformers' warpers leave.

    python tools/golden/head.py [scores sampling]     (torch, transformers)
"""
import torch
import torch.nn.functional as F
import transformers
from transformers import MinPLogitsWarper, TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from golden_file import JsonFile, finish

ROWS, DIM, STATES = 101, 37, 3
torch.manual_seed(5)
table, hidden, bias = torch.randn(ROWS, DIM) / 4, torch.randn(STATES, DIM) * 2, torch.randn(ROWS)
targets = torch.tensor([7, 100, 0])


def flat(x):
    return [float(f"{value:.9g}") for value in x.flatten().tolist()]


golden = JsonFile("tests/golden/head.json", torch=torch.__version__, transformers=transformers.__version__)
heads = golden.cases("heads", lambda _: "scores")
for options in (dict(), dict(bias=True), dict(bias=True, scale=0.25), dict(softcap=3.0), dict(bias=True, scale=2.0, softcap=5.0)):
    if not heads.wanted("scores"):
        continue
    logits = F.linear(hidden, table, bias if options.get("bias") else None) * options.get("scale", 1.0)
    if "softcap" in options:
        logits = options["softcap"] * torch.tanh(logits / options["softcap"])
    top = torch.topk(logits, 5)
    heads.add("scores", dict(options=options, logits=flat(logits), topIds=top.indices.tolist(), topProbs=flat(
        logits.softmax(-1).gather(-1, top.indices)), logProbs=flat(logits.log_softmax(-1).gather(-1, targets[:, None])),
        crossEntropy=F.cross_entropy(logits, targets).item()))

scores = F.linear(hidden[:1], table)
kept = golden.cases("kept", lambda _: "sampling")
for options in (dict(topK=5), dict(topP=0.5), dict(topP=0.9, temperature=0.7), dict(minP=0.2), dict(topK=20, topP=0.6),
                dict(temperature=1.5, topK=30, topP=0.8, minP=0.1), dict(topP=0.01), dict(topK=3, minP=1.0)):
    if not kept.wanted("sampling"):
        continue
    x = TemperatureLogitsWarper(options["temperature"])(None, scores) if "temperature" in options else scores
    x = TopKLogitsWarper(options["topK"])(None, x) if "topK" in options else x
    x = TopPLogitsWarper(options["topP"])(None, x) if "topP" in options else x
    x = MinPLogitsWarper(options["minP"])(None, x) if "minP" in options else x
    probs = x.softmax(-1)[0]
    ids = torch.nonzero(torch.isfinite(x[0])).flatten().tolist()
    kept.add("sampling", dict(options=options, probs={str(i): round(probs[i].item(), 6) for i in ids}))
golden.write(rows=ROWS, dim=DIM, table=flat(table), hidden=flat(hidden), bias=flat(bias), targets=targets.tolist())
finish()
