"""Writes web/formats/ggml_grids.js: the grids that ggml's 1- to 3-bit types take their numbers from, as the gguf package has
them.

    python tools/golden/ggml_grids.py     (gguf)
"""
import base64
import pathlib
from importlib.metadata import version

from gguf import quants

from golden_file import finish

PATH = pathlib.Path("web/formats/ggml_grids.js")
LINE = 100
HEAD = """// Made by tools/golden/ggml_grids.py out of gguf {version}: not edited by hand.

/**
 * The grids of ggml's 1- to 3-bit types. `packed`: base64 of indices into `values`, the lowest bits first, 2 bits each of
 * three values and 4 bits each of eight; `row`: how many stand in a row.
 * @type {{Record<string, {{ row: number, values: number[], packed: string[] }}>}}
 */
// prettier-ignore
export const GRIDS = {{
"""


def grid(kind):
    packed = base64.b64encode(bytes.fromhex(kind.grid_hex.decode())).decode()
    lines = ",\n".join(f"    '{packed[at:at + LINE]}'" for at in range(0, len(packed), LINE))
    return f"  {kind.__name__}: {{ row: {kind.grid_shape[1]}, values: [{', '.join(map(str, kind.grid_map))}], packed: [\n{lines},\n  ] }},\n"


kinds = (quants.IQ2_XXS, quants.IQ2_XS, quants.IQ2_S, quants.IQ3_XXS, quants.IQ3_S, quants.IQ1_S)
PATH.write_text(HEAD.format(version=version("gguf")) + "".join(map(grid, kinds)) + "};\n")
finish()
