"""Texts and pairs from a folder or an archive, in blocks whose order makes any prefix a sample of all sources.

A source is `<name>.txt.gz` or `<name>.txt` (one text a line) and `<name>.pairs.tsv.gz` or `<name>.pairs.tsv`
(two texts a line, separated by a tab). An archive is a .zip or a .tar with the same files inside.
"""

import gzip
import hashlib
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

BLOCK = 8192  # lines that are encoded, cached and hashed together


@dataclass(frozen=True)
class Block:
    """Consecutive lines of one source; `texts` is a list of texts or of (left, right) pairs."""

    source: str
    start: int
    texts: tuple
    pairs: bool

    def flat(self):
        """The texts to encode: the lines, or all left sides and then all right sides."""
        if not self.pairs:
            return list(self.texts)
        return [left for left, _ in self.texts] + [right for _, right in self.texts]

    def sha256(self):
        return hashlib.sha256('\n'.join(self.flat()).encode()).hexdigest()


def read_members(path):
    """(file name, bytes) of every source file in a folder or archive, sorted by name."""
    path = Path(path)
    if path.is_dir():
        found = [(file.name, file.read_bytes()) for file in path.iterdir() if is_source(file.name)]
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            found = [(Path(n).name, archive.read(n)) for n in archive.namelist() if is_source(n)]
    elif tarfile.is_tarfile(path):
        with tarfile.open(path) as archive:
            files = [m for m in archive.getmembers() if m.isfile() and is_source(m.name)]
            found = [(Path(m.name).name, archive.extractfile(m).read()) for m in files]
    else:
        raise SystemExit(f'{path}: neither a folder nor a .zip or .tar archive')
    names = [name for name, _ in found]
    if not found or len(set(names)) < len(names):
        raise SystemExit(f'{path}: no <source>.txt.gz or <source>.pairs.tsv.gz, or one name twice')
    return sorted(found)


def is_source(name):
    return name.removesuffix('.gz').endswith(('.txt', '.pairs.tsv'))


def lines_of(name, data):
    if name.endswith('.gz'):
        data = gzip.decompress(data)
    return [line for line in data.decode('utf-8').splitlines() if line.strip()]


def pair_of(name, number, line):
    sides = line.split('\t')
    if len(sides) != 2 or not all(side.strip() for side in sides):
        raise SystemExit(f'{name}, line {number}: expected two texts separated by one tab')
    return tuple(sides)


def blocks_of(source, texts, pairs):
    return [Block(source, at, tuple(texts[at : at + BLOCK]), pairs) for at in range(0, len(texts), BLOCK)]


def read_corpus(path):
    """(blocks of texts, blocks of pairs, {file name: sha256}) of a folder or archive."""
    texts, pairs, hashes = [], [], {}
    for name, data in read_members(path):
        hashes[name] = hashlib.sha256(data).hexdigest()
        source, lines = name.split('.')[0], lines_of(name, data)
        if '.pairs.' in name:
            pairs += blocks_of(source, [pair_of(name, i + 1, line) for i, line in enumerate(lines)], True)
        else:
            texts += blocks_of(source, lines, False)
    return sampled(texts), sampled(pairs), hashes


def sampled(blocks):
    """Blocks in an order in which every prefix holds about the same share of each source."""
    sizes = {}
    for block in blocks:
        sizes[block.source] = max(sizes.get(block.source, 0), block.start + len(block.texts))

    def position(block):
        jitter = int(hashlib.sha256(block.source.encode()).hexdigest()[:8], 16) / 2**32
        return (block.start + jitter * min(BLOCK, sizes[block.source])) / sizes[block.source], block.source

    return sorted(blocks, key=position)
