"""Trains the small LLaMA of the demo page on the tales and writes it as a GGUF file, tokenizer and all:

    python tools/tales/train.py            # half an hour on one core; writes web/demo/models/tales.gguf

The body is that of LLaMA (RMSNorm, rotary positions, grouped keys and values, SwiGLU) with one table for both ends.
"""

import argparse
import io
import math
import time
from pathlib import Path

import gguf
import numpy as np
import sentencepiece
import torch
from tales import tales
from torch import nn
from torch.nn import functional as F

ROOT = Path(__file__).resolve().parents[2]
VOCAB, DIM, BLOCKS, HEADS, KV_HEADS, HIDDEN, CONTEXT = 1024, 64, 4, 4, 2, 192, 192
SIZE = DIM // HEADS
EPSILON, THETA = 1e-5, 10_000.0
UNK, BOS, EOS = 0, 1, 2


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attn_norm, self.ffn_norm = nn.RMSNorm(DIM, EPSILON), nn.RMSNorm(DIM, EPSILON)
        self.attn_q, self.attn_output = nn.Linear(DIM, DIM, bias=False), nn.Linear(DIM, DIM, bias=False)
        self.attn_k, self.attn_v = (nn.Linear(DIM, KV_HEADS * SIZE, bias=False) for _ in range(2))
        self.ffn_gate, self.ffn_up = (nn.Linear(DIM, HIDDEN, bias=False) for _ in range(2))
        self.ffn_down = nn.Linear(HIDDEN, DIM, bias=False)

    def forward(self, x, turn):
        batch, length, _ = x.shape
        h = self.attn_norm(x)
        q = turn(self.attn_q(h).view(batch, length, HEADS, SIZE).transpose(1, 2))
        k = turn(self.attn_k(h).view(batch, length, KV_HEADS, SIZE).transpose(1, 2))
        v = self.attn_v(h).view(batch, length, KV_HEADS, SIZE).transpose(1, 2)
        k, v = (each.repeat_interleave(HEADS // KV_HEADS, dim=1) for each in (k, v))
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.attn_output(mixed.transpose(1, 2).reshape(batch, length, DIM))
        h = self.ffn_norm(x)
        return x + self.ffn_down(F.silu(self.ffn_gate(h)) * self.ffn_up(h))


class Llama(nn.Module):
    def __init__(self):
        super().__init__()
        self.token_embd = nn.Embedding(VOCAB, DIM)
        self.blk = nn.ModuleList(Block() for _ in range(BLOCKS))
        self.output_norm = nn.RMSNorm(DIM, EPSILON)
        nn.init.normal_(self.token_embd.weight, std=0.05)
        for each in self.modules():
            if isinstance(each, nn.Linear):
                nn.init.normal_(each.weight, std=0.05)

    def forward(self, ids):
        angles = torch.outer(torch.arange(ids.shape[1]).float(), THETA ** (-torch.arange(0, SIZE, 2).float() / SIZE))
        cos, sin = angles.cos(), angles.sin()

        def turn(x):  # neighbours are a pair
            a, b = x[..., ::2], x[..., 1::2]
            return torch.stack((a * cos - b * sin, a * sin + b * cos), -1).flatten(-2)

        x = self.token_embd(ids)
        for block in self.blk:
            x = block(x, turn)
        return self.output_norm(x) @ self.token_embd.weight.T


def tokenizer_of(texts):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts),
        model_writer=model,
        model_type="bpe",
        vocab_size=VOCAB,
        byte_fallback=True,
        character_coverage=1.0,
        normalization_rule_name="identity",
        hard_vocab_limit=True,
        split_digits=True,
        minloglevel=2,
    )
    return sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=2400)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--stories", type=int, default=60_000)
    parser.add_argument("--out", type=Path, default=ROOT / "web/demo/models/tales.gguf")
    options = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(1)
    texts = tales(options.stories, seed=1)
    pieces = tokenizer_of(texts[:20_000])
    stream = np.array([id for text in texts for id in [BOS, *pieces.encode(text)]], dtype=np.int64)
    kept = tales(200, seed=2)
    check = np.array([id for text in kept for id in [BOS, *pieces.encode(text)]], dtype=np.int64)
    print(f"{len(stream):,} tokens, {len(stream) / len(texts):.0f} per story", flush=True)

    model = Llama()
    print(f"{sum(each.numel() for each in model.parameters()):,} parameters", flush=True)
    flat = [each for each in model.parameters() if each.ndim < 2]
    deep = [each for each in model.parameters() if each.ndim > 1]
    optimiser = torch.optim.AdamW([{"params": deep, "weight_decay": 0.01}, {"params": flat, "weight_decay": 0}], lr=0, betas=(0.9, 0.99))
    chance = np.random.default_rng(1)
    starts = np.flatnonzero(stream == BOS)
    starts = starts[starts < len(stream) - CONTEXT - 1]
    begun = time.process_time()
    for step in range(options.steps):
        rate = 3e-3 * min(1, (step + 1) / 100) * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * step / options.steps)))
        for group in optimiser.param_groups:
            group["lr"] = rate
        # Half of the pieces begin with a story, as those of the page do; the others anywhere.
        at = np.where(chance.random(options.batch) < 0.5, chance.choice(starts, options.batch), chance.integers(0, len(stream) - CONTEXT - 1, options.batch))
        some = torch.from_numpy(np.stack([stream[i : i + CONTEXT + 1] for i in at]))
        loss = F.cross_entropy(model(some[:, :-1]).flatten(0, 1), some[:, 1:].flatten())
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        if step % 100 == 0 or step == options.steps - 1:
            many = (len(check) - 1) // CONTEXT
            blocks = torch.from_numpy(check[: many * CONTEXT + 1])
            with torch.no_grad():
                scores = model(blocks[:-1].view(many, CONTEXT))
                unseen = F.cross_entropy(scores.flatten(0, 1), blocks[1:])
            print(f"{step} loss {loss.item():.3f}, of unseen tales {unseen.item():.3f}, {time.process_time() - begun:.0f} s of processor time", flush=True)
        if step % 200 == 199:
            write(model, pieces, options.out)
    write(model, pieces, options.out)
    print(told(model, pieces))


def told(model, pieces):
    """The likeliest story."""
    ids = [BOS]
    with torch.no_grad():
        while len(ids) < CONTEXT and (len(ids) == 1 or ids[-1] != BOS):
            ids.append(int(model(torch.tensor([ids[:]]))[0, -1].argmax()))
    return pieces.decode(ids[1:])


def write(model, pieces, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    file = gguf.GGUFWriter(path, "llama")
    file.add_name("Tales")
    file.add_description("A LLaMA of a quarter of a million parameters, trained by tools/tales/train.py on stories that tools/tales/tales.py makes up")
    file.add_license("MIT")
    file.add_context_length(CONTEXT)
    file.add_embedding_length(DIM)
    file.add_block_count(BLOCKS)
    file.add_feed_forward_length(HIDDEN)
    file.add_head_count(HEADS)
    file.add_head_count_kv(KV_HEADS)
    file.add_rope_dimension_count(SIZE)
    file.add_rope_freq_base(THETA)
    file.add_layer_norm_rms_eps(EPSILON)
    file.add_tokenizer_model("llama")
    types = gguf.TokenType
    ids = range(pieces.vocab_size())
    file.add_token_list([pieces.id_to_piece(id) for id in ids])
    file.add_token_scores([pieces.get_score(id) for id in ids])
    file.add_token_types([types.UNKNOWN if pieces.is_unknown(id) else types.CONTROL if pieces.is_control(id) else types.BYTE if pieces.is_byte(id) else types.NORMAL for id in ids])
    file.add_bos_token_id(BOS)
    file.add_eos_token_id(EOS)
    file.add_unk_token_id(UNK)
    file.add_add_bos_token(True)
    file.add_add_space_prefix(True)
    for name, values in model.state_dict().items():
        whole = values.numpy().astype(np.float32)
        file.add_tensor(name, whole if whole.ndim == 1 else whole.astype(np.float16))
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()


if __name__ == "__main__":
    main()
