"""Writes tests/golden/checkpoints/: tiny checkpoints of random weights, saved by transformers, and what their own embedding
modules and heads make of some ids.

    python tools/golden/checkpoints.py     (torch, transformers)
"""
import json
import pathlib
import shutil

import torch
import transformers as T

OUT = pathlib.Path("tests/golden/checkpoints")
VOCAB, DIM = 40, 24
ENCODER = dict(vocab_size=VOCAB, hidden_size=DIM, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8,
               max_position_embeddings=20)
DECODER = dict(vocab_size=VOCAB, hidden_size=DIM, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=1,
               intermediate_size=8, head_dim=12, max_position_embeddings=32)
ids = torch.tensor([[5, 1, 39, 7, 1, 1, 0, 12]])
types = torch.tensor([[0, 0, 1, 1, 0, 1, 1, 0]])
places = torch.tensor([[3, 4, 5, 9, 2, 6, 7, 11]])


def flat(x):
    return [float(f"{value:.9g}") for value in x.detach().float().flatten().tolist()]


def save(name, model, cases, head=None):
    folder = OUT / name
    shutil.rmtree(folder, ignore_errors=True)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    model.eval()
    expected = dict(versions=dict(torch=torch.__version__, transformers=T.__version__), ids=ids[0].tolist(),
                    cases=[dict(options=o, out=flat(f(model))) for o, f in cases])
    if head:
        torch.manual_seed(2)
        hidden = torch.randn(2, DIM)
        expected["head"] = dict(hidden=flat(hidden), logits=flat(head(model, hidden.to(model.dtype))))
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    (folder / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")


torch.manual_seed(1)
all_of = lambda pick, **more: [
    ({}, lambda m: pick(m)(input_ids=ids)),
    (dict(positionIds=places[0].tolist()), lambda m: pick(m)(input_ids=ids, position_ids=places)),
] + ([(dict(tokenTypeIds=types[0].tolist()), lambda m: pick(m)(input_ids=ids, token_type_ids=types))] if more.get("types", True) else [])
save("bert", T.BertModel(T.BertConfig(**ENCODER)), all_of(lambda m: m.embeddings))
save("roberta", T.RobertaForMaskedLM(T.RobertaConfig(**ENCODER, pad_token_id=1)), all_of(lambda m: m.roberta.embeddings))
save("electra", T.ElectraModel(T.ElectraConfig(**ENCODER, embedding_size=DIM)), all_of(lambda m: m.embeddings))
save("distilbert", T.DistilBertModel(T.DistilBertConfig(vocab_size=VOCAB, dim=DIM, n_layers=1, n_heads=2, hidden_dim=8,
     max_position_embeddings=20)), [({}, lambda m: m.embeddings(ids))])
add = lambda m, p: m.transformer.wte(ids) + m.transformer.wpe(p)
save("gpt2", T.GPT2LMHeadModel(T.GPT2Config(vocab_size=VOCAB, n_embd=DIM, n_layer=1, n_head=2, n_positions=20)),
     [({}, lambda m: add(m, torch.arange(8)[None])), (dict(positionIds=places[0].tolist()), lambda m: add(m, places))],
     lambda m, h: m.lm_head(h))
mask = torch.ones_like(ids)
save("opt", T.OPTForCausalLM(T.OPTConfig(vocab_size=VOCAB, hidden_size=DIM, word_embed_proj_dim=DIM, num_hidden_layers=1,
     ffn_dim=8, num_attention_heads=2, max_position_embeddings=20)),
     [({}, lambda m: m.model.decoder.embed_tokens(ids) + m.model.decoder.embed_positions(mask, 0))], lambda m, h: m.lm_head(h))
token = [({}, lambda m: m.model.embed_tokens(ids))]
save("llama", T.LlamaForCausalLM(T.LlamaConfig(**DECODER, tie_word_embeddings=False)), token, lambda m, h: m.lm_head(h))
save("qwen2", T.Qwen2ForCausalLM(T.Qwen2Config(**DECODER, tie_word_embeddings=True)), token, lambda m, h: m.lm_head(h))
for name, kind, config in (("gemma", T.GemmaForCausalLM, T.GemmaConfig), ("gemma2", T.Gemma2ForCausalLM, T.Gemma2Config)):
    for dtype in (torch.float32, torch.bfloat16):
        model = kind(config(**DECODER)).to(dtype)

        def first_block(m):
            seen = []
            hook = m.model.layers[0].register_forward_pre_hook(lambda _, args, kwargs: seen.append(
                args[0] if args else kwargs["hidden_states"]), with_kwargs=True)
            m.model(input_ids=ids)
            hook.remove()
            return seen[0]

        def head(m, h):
            logits, cap = m.lm_head(h), getattr(m.config, "final_logit_softcapping", None)
            return torch.tanh(logits / cap) * cap if cap else logits

        save(f"{name}_{str(dtype)[6:]}", model, [({}, first_block)], head)
save("t5", T.T5EncoderModel(T.T5Config(vocab_size=VOCAB, d_model=DIM, d_kv=12, d_ff=8, num_layers=1, num_heads=2)),
     [({}, lambda m: m.shared(ids))])
