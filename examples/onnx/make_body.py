"""Makes body.onnx, the middle of a tiny language model, and ends/, the checkpoint of its two ends.

    pip install numpy onnx safetensors && python examples/onnx/make_body.py

The body takes `inputs_embeds` (n, dim) to `hidden` (n, dim): one block of causal self-attention and feed-forward, each
after an RMS norm and around a residual, as in LLaMA. Its weights are random, for what is shown is the joints. What the
whole model says by ONNX's reference implementation goes to tests/golden/onnx_body.json.
"""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from safetensors.numpy import save_file

DIM, WIDTH, VOCAB = 32, 64, 256
HERE = Path(__file__).resolve().parent
random = np.random.default_rng(3)
tensors, nodes = [], []


def constant(name, value):
    tensors.append(numpy_helper.from_array(np.asarray(value, np.float32), name))
    return name


def node(op, *inputs, output=None, **attributes):
    name = output or f"{op}{len(nodes)}"
    nodes.append(helper.make_node(op, list(inputs), [name], **attributes))
    return name


def linear(x, name, out, into):
    return node("MatMul", x, constant(name, random.normal(0, into**-0.5, (into, out))))


def norm(x, output=None):
    mean = node("ReduceMean", node("Mul", x, x), axes=[-1], keepdims=1)
    return node("Div", x, node("Sqrt", node("Add", mean, "epsilon")), output=output)


def attention(x):
    query, key, value = (linear(x, name, DIM, DIM) for name in ("query", "key", "value"))
    scores = node("Div", node("MatMul", query, node("Transpose", key, perm=[1, 0])), "root")
    # Minus infinity above the diagonal, whatever n is.
    far = node("Add", node("Mul", scores, "zero"), "minus_infinity")
    later = node("Sub", far, node("Trilu", far, upper=0))
    weights = node("Softmax", node("Add", scores, later), axis=-1)
    return linear(node("MatMul", weights, value), "output", DIM, DIM)


def body():
    for name, value in {"epsilon": 1e-5, "root": DIM**0.5, "zero": 0, "minus_infinity": -1e9}.items():
        constant(name, value)
    x = node("Add", "inputs_embeds", attention(norm("inputs_embeds")))
    up = linear(norm(x), "up", WIDTH, DIM)
    norm(node("Add", x, linear(node("Mul", up, node("Sigmoid", up)), "down", DIM, WIDTH)), output="hidden")
    ends = [[helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", DIM])] for name in ("inputs_embeds", "hidden")]
    graph = helper.make_graph(nodes, "body", *ends, tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def main():
    model = body()
    table = random.normal(0, DIM**-0.5, (VOCAB, DIM)).astype("<f4")
    onnx.save(model, HERE / "body.onnx")
    (HERE / "ends").mkdir(exist_ok=True)
    save_file({"model.embed_tokens.weight": table}, HERE / "ends/model.safetensors")
    config = {"model_type": "llama", "vocab_size": VOCAB, "hidden_size": DIM, "tie_word_embeddings": True}
    (HERE / "ends/config.json").write_text(json.dumps(config) + "\n")

    run = ReferenceEvaluator(model).run
    ids, logits = [7, 200, 31], []
    while len(ids) < 15:
        logits.append(run(None, {"inputs_embeds": table[ids]})[0][-1] @ table.T)
        ids.append(int(logits[-1].argmax()))
    golden = {
        "versions": {"onnx": onnx.__version__, "numpy": np.__version__},
        "ids": ids,
        "logits": [float(f"{value:.9g}") for value in logits[0].tolist()],
    }
    path = HERE.parents[1] / "tests/golden/onnx_body.json"
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


main()
