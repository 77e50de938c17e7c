"""What transformers' own code makes of a tiny model's two ends: for checkpoints.py and families.py."""
import sys

import torch
from transformers.modeling_outputs import BaseModelOutputWithPastAndCrossAttentions

VOCAB, DIM, HEAD_DIM = 40, 24, 12
ids = torch.tensor([[5, 1, 39, 7, 1, 1, 0, 12]])
types = torch.tensor([[0, 0, 1, 1, 0, 1, 1, 0]])
places = torch.tensor([[3, 4, 5, 9, 2, 6, 7, 11]])
SPECIAL = dict(pad_token_id=1, bos_token_id=2, eos_token_id=3)
ENCODER = dict(vocab_size=VOCAB, hidden_size=DIM, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8,
               max_position_embeddings=20, layer_norm_eps=0.01, **SPECIAL)
DECODER = dict(vocab_size=VOCAB, hidden_size=DIM, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=2,
               intermediate_size=8, head_dim=HEAD_DIM, max_position_embeddings=32, **SPECIAL)
GPT = dict(vocab_size=VOCAB, n_embd=DIM, n_layer=1, n_head=2, n_positions=20, bos_token_id=2, eos_token_id=3)
T5 = dict(vocab_size=VOCAB, d_model=DIM, d_kv=12, d_ff=8, num_layers=1, num_heads=2)


class Seen(Exception):
    """Ends a forward pass where the first block would begin."""


class Answer(BaseModelOutputWithPastAndCrossAttentions):
    """Of what else a body may answer with, nothing."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)


def first_block(model, **inputs):
    blocks = next(module for name, module in model.named_modules() if isinstance(module, torch.nn.ModuleList)
                  and "vision" not in name and name.split(".")[-1] in ("layers", "layer", "h", "block", "blocks", "albert_layer_groups"))

    def stop(_, args, kwargs):
        raise Seen(args[0] if args else kwargs["hidden_states"])

    hook = blocks[0].register_forward_pre_hook(stop, with_kwargs=True)
    try:
        model(input_ids=ids, **inputs)
    except Seen as seen:
        return seen.args[0]
    finally:
        hook.remove()


def logits(model, hidden):
    """The model's own forward pass, its body replaced by one that answers with these states."""
    answer = Answer(last_hidden_state=hidden[None])
    ends = [model.encoder, model.decoder] if hasattr(model, "encoder") else [model.base_model]
    for body in ends + [part for part in [getattr(model.base_model, "decoder", None)] if part]:  # OPT calls its decoder
        body.forward = lambda *args, **kwargs: answer
    more = dict(decoder_input_ids=ids[:, :2]) if hasattr(model, "encoder") else {}
    return model(input_ids=ids[:, :2], **more).logits[0]


def turned(model, layer_type, places=places, head_dim=HEAD_DIM):
    """Queries of one head at `places`."""
    torch.manual_seed(3)
    q = torch.randn(1, 1, places.shape[1], head_dim)
    module = sys.modules[type(model).__module__]
    if model.config.model_type in ("gptj", "codegen"):
        rotary = model.config.rotary_dim
        sin, cos = module.create_sinusoidal_positions(20, rotary)[places].chunk(2, -1)
        heads = q.transpose(1, 2)
        out = torch.cat([module.apply_rotary_pos_emb(heads[..., :rotary], sin, cos), heads[..., rotary:]], -1)
        return dict(layerType=layer_type, q=flat(q), positions=places[0].tolist(), out=flat(out))
    embedding = next(part for name, part in model.named_modules() if name.endswith("rotary_emb"))
    waves = embedding(q, places, *([layer_type] if layer_type else []))
    if model.config.model_type == "deepseek_v2":
        out, _ = module.apply_rotary_emb(q, q, waves)
    elif model.config.model_type == "llama4_text":
        out = module.apply_rotary_emb(q.transpose(1, 2), q.transpose(1, 2), waves)[0].transpose(1, 2)
    elif model.config.model_type == "deepseek_v3":
        out, _ = module.apply_rotary_pos_emb_interleave(q, q, *waves)
        out = out.unflatten(-1, (2, HEAD_DIM // 2)).transpose(-1, -2).flatten(-2)  # it reorders what it turns: undone
    elif model.config.model_type == "gemma4_text":
        out = module.apply_rotary_pos_emb(q, *waves)
    else:
        width = waves[0].shape[-1] * (2 if model.config.model_type == "gpt_oss" else 1)
        out, _ = module.apply_rotary_pos_emb(q[..., :width], q[..., :width], *waves)
        out = torch.cat([out, q[..., width:]], -1) if out.shape[-1] < HEAD_DIM else out
    return dict(layerType=layer_type, q=flat(q), positions=places[0].tolist(), out=flat(out))


def flat(x):
    return [float(f"{value:.8g}") for value in x.detach().float().flatten().tolist()]
