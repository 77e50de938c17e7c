"""Writes tests/golden/ggml_blocks.bin, and ggml_rare_blocks.bin of the types that few files have: blocks of every type that
wembed reads, real and hostile, and their numbers by the gguf package.

    python tools/golden/ggml_blocks.py [Q4_0 ...]     (gguf, numpy)

64 bytes of versions; then for each type, little-endian u32s: its code in ggml_type, blocks, numbers a block, bytes a
block; then the blocks and the f32 numbers.
"""
import pathlib
import struct
from importlib.metadata import version

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type

from golden_file import NAMES, finish, wanted

# Where the f16 scales stand in a block.
SCALES = {
    Type.Q4_0: [0], Type.Q4_1: [0, 2], Type.Q5_0: [0], Type.Q5_1: [0, 2], Type.Q8_0: [0], Type.Q2_K: [80, 82],
    Type.Q3_K: [108], Type.Q4_K: [0, 2], Type.Q5_K: [0, 2], Type.Q6_K: [208], Type.IQ4_NL: [0],
}
# Rare ones: the core does not know them.
RARE = {
    Type.TQ1_0: [52], Type.TQ2_0: [64], Type.MXFP4: [], Type.NVFP4: [], Type.IQ4_XS: [0], Type.IQ2_XXS: [0],
    Type.IQ2_XS: [0], Type.IQ2_S: [0], Type.IQ3_XXS: [0], Type.IQ3_S: [0], Type.IQ1_S: [0], Type.IQ1_M: [],
}
NAN, INFINITE, SUBNORMAL, MINUS_ZERO, USUAL = 0x7E01, 0xFC00, 0x0003, 0x8000, 0x2345

BLOCKS = 7
PATH = pathlib.Path("tests/golden/ggml_blocks.bin")


def blocks_of(random, places, size):
    blocks = random.integers(0, 256, (BLOCKS, size), dtype=np.uint8)
    blocks[0] = 0xFF
    for block, scale in zip(blocks[1:], [USUAL, USUAL, NAN, INFINITE, SUBNORMAL, MINUS_ZERO]):
        for place in places:
            block[place : place + 2] = np.frombuffer(struct.pack("<H", scale), np.uint8)
            scale = (scale + 0x8421) & 0xFFFF  # the min is another number
    return blocks


def write(path, scales, seed):
    old = path.read_bytes() if NAMES else b""
    random = np.random.default_rng(seed)
    out = [old[:64] or f"gguf {version('gguf')}, numpy {np.__version__}\n".encode().ljust(64)]
    at = 64
    for type, places in scales.items():
        numbers, size = gguf.GGML_QUANT_SIZES[type]
        blocks = blocks_of(random, places, size)  # drawn for every type: each has its numbers whichever are redone
        length = 16 + BLOCKS * (size + 4 * numbers)
        if wanted(type.name):
            with np.errstate(invalid="ignore", over="ignore"):
                values = gguf.quants.dequantize(blocks, type).astype("<f4")
            assert values.shape == (BLOCKS, numbers)
            out.append(struct.pack("<4I", type, BLOCKS, numbers, size) + blocks.tobytes() + values.tobytes())
        else:
            out.append(old[at : at + length])
        at += length
    path.write_bytes(b"".join(out))


write(PATH, SCALES, 11)
write(PATH.with_name("ggml_rare_blocks.bin"), RARE, 12)
finish()
