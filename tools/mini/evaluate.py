"""Prints STS-B dev and WordSim-353 Spearman correlations and the size of a Model2Vec model.

    python tools/mini/evaluate.py --model models/mini
"""

import argparse
import csv
from pathlib import Path

from model2vec import StaticModel
from scipy.stats import spearmanr

FILES = ('config.json', 'tokenizer.json', 'model.safetensors', 'README.md')


def read_pairs(path, delimiter):
    """(left texts, right texts, human scores)."""
    with open(path, encoding='utf-8', newline='') as file:
        rows = [r for r in csv.reader(file, delimiter=delimiter) if r and not r[0].startswith('#')]
    return [r[0] for r in rows], [r[1] for r in rows], [float(r[2]) for r in rows]


def read_all(data):
    return read_pairs(data / 'eval/stsb-en-dev.csv', ','), read_pairs(data / 'eval/wordsim353.tsv', '\t')


def evaluation_texts(data):
    """Every text of both sets, so that training can leave them out."""
    return [text for pairs in read_all(data) for side in pairs[:2] for text in side]


def spearman(model, pairs):
    left, right, scores = pairs
    cosines = (model.encode(left, normalize=True) * model.encode(right, normalize=True)).sum(1)
    return round(float(spearmanr(cosines, scores).statistic), 4)


def size_of(folder):
    """Bytes of the model's files; a missing model card counts as none."""
    return sum(f.stat().st_size for f in map(Path(folder).joinpath, FILES) if f.exists())


def evaluate(folder, data):
    model = StaticModel.from_pretrained(folder)
    sentences, words = read_all(data)
    return {
        'stsb_dev_spearman': spearman(model, sentences),
        'wordsim353_spearman': spearman(model, words),
        'bytes': size_of(folder),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--model', type=Path, default=Path('models/mini'))
    parser.add_argument('--data', type=Path, default=Path('../shared/data'))
    args = parser.parse_args()
    for name, value in evaluate(args.model, args.data).items():
        print(name, value)


if __name__ == '__main__':
    main()
