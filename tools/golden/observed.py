"""What a model of transformers does with ids at its two ends, watched while its own code runs: the first block's input, queries
before and after they turn, scores of hidden states. For model_types.py."""

import inspect
import re
import sys
from types import FunctionType

import torch
from transformers.modeling_outputs import BaseModelOutputWithPastAndCrossAttentions

IDS = torch.tensor([[5, 1, 39, 7, 12]])
NOT_TEXT = re.compile(
    r"vision|visual(?!_bert)|audio|image|vqgan|vqmodel|speech(?!t5)|codec|video|pixel|_tower|sam_|connector|(?<!vocab_)projector|talker"
    r"|code2wav|token2wav|altup_proj|conv_layers|quantizer|protein_encoder|mtp|\.ngram"
)
TURNS = re.compile(r"apply_.*rot|apply_.*rope|rotary_pos|apply_multimodal|rotate_queries")
TEXT_PARTS = (
    "",
    "text_model",
    "language_model",
    "model.language_model",
    "model.text_model",
    "thinker",
    "model.thinker",
    "model.decoder",
    "decoder",
    "text_encoder",
    "language_projection",
    "question_encoder",
    "text_backbone",
    "text_decoder",
    "text_decoder.bert",
)


def filled(name, shape):
    """Numbers in [-1, 1) of 8 bits, by name and index."""
    seed = sum(ord(letter) * (i + 1) for i, letter in enumerate(name))
    indices = torch.arange(1, torch.Size(shape).numel() + 1, dtype=torch.int64)
    return ((((indices * 2654435761 + seed * 40503) % 2**32) >> 16) & 255).float().reshape(shape) / 128 - 1


# What some types ask for besides ids.
BESIDES = {
    "bros": dict(bbox=torch.zeros(1, 5, 4)),
    # Of their own accord, PaliGemma's positions begin at 1.
    **{name: dict(position_ids=torch.arange(5)[None]) for name in ("paligemma", "colpali")},
    "lxmert": dict(visual_feats=torch.zeros(1, 2, 2048), visual_pos=torch.zeros(1, 2, 4)),
}


class Answer(BaseModelOutputWithPastAndCrossAttentions):
    """Of what else a body may answer with, nothing."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)


class Turn:
    """A call that turned queries: the function, its arguments, and the layer it was called in."""

    def __init__(self, layer, function, args, kwargs):
        self.layer, self.function, self.args, self.kwargs = layer, function, args, kwargs
        named = list(inspect.signature(function).parameters)
        # A method's first argument is its object; two take the queries as their second or as a keyword.
        self.at = next(
            (
                i
                for i, value in enumerate(args)
                if isinstance(value, torch.Tensor)
                and value.dim() >= 3
                and value.is_floating_point()
                and not re.fullmatch(
                    "cos|sin|freqs.*|sincos|sinusoidal_pos|position_embeddings", named[min(i, len(named) - 1)]
                )
            ),
            None,
        )
        self.key = (
            None
            if self.at is not None
            else next(
                (
                    k
                    for k, v in kwargs.items()
                    if isinstance(v, torch.Tensor) and k in ("q", "query", "x", "hidden_states", "query_layer")
                ),
                None,
            )
        )

    @property
    def queries(self):
        return self.args[self.at] if self.at is not None else self.kwargs[self.key]

    def of(self, queries):
        """The same call with other queries."""
        args, kwargs = list(self.args), dict(self.kwargs)
        if self.at is not None:
            args[self.at] = queries
        else:
            kwargs[self.key] = queries
        with torch.no_grad():
            out = self.function(*args, **kwargs)
        return out[0] if isinstance(out, (tuple, list)) else out


class Watch:
    """While it is open, a model's blocks and its functions that turn queries write down what they are given."""

    def __init__(self, model):
        self.input, self.block, self.turns, self.layer = None, None, [], None
        self.hooks, self.changed = [], []
        for name, module in model.named_modules():
            if (
                name.endswith("encoder")
                and not NOT_TEXT.search("." + name)
                and model.config.model_type == "squeezebert"
            ):
                self.hooks.append(module.register_forward_pre_hook(self.entering(f"{name}.0"), with_kwargs=True))
            if isinstance(module, torch.nn.ModuleList) and not NOT_TEXT.search("." + name):
                for i, child in enumerate(module):
                    self.hooks.append(child.register_forward_pre_hook(self.entering(f"{name}.{i}"), with_kwargs=True))
        for module in {
            sys.modules[type(part).__module__]
            for part in model.modules()
            if type(part).__module__.startswith("transformers.models")
        }:
            for owner in [
                module,
                *(
                    kind
                    for kind in vars(module).values()
                    if isinstance(kind, type) and kind.__module__ == module.__name__
                ),
            ]:
                self.watch_functions(owner)

    def watch_functions(self, owner):
        for name, value in list(vars(owner).items()):
            function = value.__func__ if isinstance(value, staticmethod) else value
            if not isinstance(function, FunctionType) or not TURNS.search(name) or re.search("vision|2d|image", name):
                continue
            self.changed.append((owner, name, value))
            watched = self.watched(function)
            setattr(owner, name, staticmethod(watched) if isinstance(value, staticmethod) else watched)

    def entering(self, name):
        def hook(block, args, kwargs):
            self.layer = name
            given = args[0] if args else kwargs.get("hidden_states", next(iter(kwargs.values()), None))
            given = given[0] if isinstance(given, (tuple, list)) else given
            if (
                self.input is None
                and isinstance(given, torch.Tensor)
                and given.is_floating_point()
                and given.dim() >= 3
            ):
                self.input, self.block = given.detach().clone(), (name, type(block).__name__)

        return hook

    def watched(self, function):
        def turning(*args, **kwargs):
            self.turns.append(Turn(self.layer, function, args, kwargs))
            return function(*args, **kwargs)

        turning.__signature__ = inspect.signature(function)
        return turning

    def close(self):
        for hook in self.hooks:
            hook.remove()
        for owner, name, value in self.changed:
            setattr(owner, name, value)


def text_parts(model):
    for path in TEXT_PARTS:
        part = model
        for name in path.split(".") if path else ():
            part = getattr(part, name, None)
        if isinstance(part, torch.nn.Module):
            yield path, part


def run(model, dim, position_ids=None):
    """Feeds ids to the first part of a model that takes them. What came of it, that part's path, and what went wrong."""
    failures = []
    for path, part in text_parts(model):
        named = inspect.signature(part.forward).parameters
        more = dict(BESIDES.get(model.config.model_type, {}))
        if "decoder_input_ids" in named:
            more["decoder_input_ids"] = IDS
        if path.endswith("decoder"):
            more["encoder_hidden_states"] = torch.zeros(1, 4, dim)
        if position_ids is not None:
            more["position_ids"] = position_ids
        watch = Watch(model)
        try:
            with torch.no_grad():
                part(input_ids=IDS, **more)
        except Exception as error:
            failures.append(f"{path or 'the whole'}: {type(error).__name__}: {str(error)[:100]}")
        finally:
            watch.close()
        if watch.input is not None:
            return watch, path, failures
    return None, None, failures


BODIES = ("encoder", "decoder", "model", "transformer", "language_model", "text_model", "text_encoder", "text_decoder")


def below_head(part):
    """A part with a head of its own is no body, but what is below its head is."""
    return getattr(part, "model", part.base_model) if hasattr(part, "lm_head") else part


def scores(model, hidden):
    """The model's own forward pass, its body replaced by one that answers with these states."""
    answer = Answer(last_hidden_state=hidden[None])
    base = model.base_model
    bodies = [base] if base is not model else []
    for owner in (model, base):
        bodies += [
            part
            for name in BODIES
            if isinstance(part := getattr(owner, name, None), torch.nn.Module) and not isinstance(part, torch.nn.Linear)
        ]
    bodies = [below_head(body) for body in bodies]
    try:
        for body in bodies:
            body.forward = lambda *args, **kwargs: answer
        named = inspect.signature(model.forward).parameters
        ids = IDS[:, : len(hidden)]
        with torch.no_grad():
            out = model(input_ids=ids, **(dict(decoder_input_ids=ids) if "decoder_input_ids" in named else {}))
        found = next(
            (v for k in ("logits", "prediction_logits", "lm_logits") if (v := getattr(out, k, None)) is not None), None
        )
        scored = isinstance(found, torch.Tensor) and found.dim() > 1 and found.shape[-2] == len(hidden)
        return found[0] if scored and not torch.equal(found[0], hidden) else None
    finally:
        for body in bodies:
            body.__dict__.pop("forward", None)
