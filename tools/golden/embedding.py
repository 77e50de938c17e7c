"""Writes tests/golden/embedding.json: torch's Embedding and EmbeddingBag, and its roundings to 16 bits.

    python tools/golden/embedding.py [f32 f16 bf16]     (torch)
"""
import torch
import torch.nn.functional as F

from golden_file import JsonFile, finish

ROWS, DIM = 9, 37
torch.manual_seed(3)
table = torch.randn(ROWS, DIM) * torch.tensor([10.0 ** (i - 6) for i in range(ROWS)])[:, None]
ids = torch.tensor([3, 8, 8, 0, 5, 2, 7, 7, 1])
offsets = torch.tensor([0, 3, 3, 4, 9])
weights = torch.linspace(-2, 2, len(ids))


def bag(data, mode, **options):
    return F.embedding_bag(ids, data, offsets, mode=mode, include_last_offset=True, **options).flatten().tolist()


golden = JsonFile("tests/golden/embedding.json", torch=torch.__version__)
cases = golden.cases("cases", lambda case: case["dtype"])
for dtype, kind in (("f32", torch.float32), ("f16", torch.float16), ("bf16", torch.bfloat16)):
    if not cases.wanted(dtype):
        continue
    stored = table.to(kind)
    data = stored.to(torch.float32)
    bits = stored.view(torch.int32 if dtype == "f32" else torch.int16).flatten() & (0xFFFFFFFF if dtype == "f32" else 0xFFFF)
    cases.add(dtype, dict(
        dtype=dtype, bits=bits.tolist(), embedding=F.embedding(ids, data).flatten().tolist(),
        bags=[dict(mode=mode, out=bag(data, mode)) for mode in ("sum", "mean", "max")] + [
            dict(mode="sum", weighted=True, out=bag(data, "sum", per_sample_weights=weights)),
            dict(mode="mean", paddingIdx=8, out=bag(data, "mean", padding_idx=8)),
            dict(mode="max", paddingIdx=7, out=bag(data, "max", padding_idx=7)),
            *(dict(mode="mean", paddingIdx=at, out=bag(data, "mean", padding_idx=at)) for at in (-1, -4, -ROWS)),
        ]))
golden.write(rows=ROWS, dim=DIM, table=table.flatten().tolist(), ids=ids.tolist(), offsets=offsets.tolist(),
             weights=weights.tolist())
finish()
