"""The model card: card.md filled in with recipe.json (make.py) and eval.md (`npm run eval`).

    python tools/mini/card.py

writes models/mini/README.md. A source without an entry in sources.json is refused, so that none goes unnamed.
"""

import json
import re
from pathlib import Path

import numpy as np
from evaluate import size_of
from safetensors import safe_open

HERE = Path(__file__).parent


def attributions(names):
    """A line for each source, sorted: what, from where, by whom, licence."""
    known = json.loads((HERE / 'sources.json').read_text('utf-8'))
    missing = sorted(set(names) - set(known))
    if missing:
        raise SystemExit(f'no attribution in tools/mini/sources.json for: {", ".join(missing)}')
    return '\n'.join(
        f'- {name}: {entry["about"]}. {entry["by"]}; {"; ".join(entry["from"])}; {entry["licence"]}.'
        for name, entry in sorted((name, known[name]) for name in set(names))
    )


def facts(folder, recipe):
    runs = list(recipe['seeds'].values())
    with safe_open(folder / 'model.safetensors', 'numpy') as file:
        vocab, dim = file.get_slice('embeddings').get_shape()
    return {
        'dim': dim,
        'vocab': vocab,
        'new_words': recipe['settings']['new_words'],
        'texts': recipe['texts'],
        'pairs': recipe['pairs'],
        'sts': runs[0]['stsb_dev_spearman'],
        'words': runs[0]['wordsim353_spearman'],
        'seed_count': len(runs),
        'sts_mean': round(float(np.mean([run['stsb_dev_spearman'] for run in runs])), 4),
        'words_mean': round(float(np.mean([run['wordsim353_spearman'] for run in runs])), 4),
        'sources': attributions(recipe['sources']),
        'eval': (HERE / 'eval.md').read_text('utf-8').strip(),
    }


def write_card(folder, recipe):
    """Its own length is part of the size it states, so it is written twice."""
    template = (HERE / 'card.md').read_text('utf-8')
    filled = facts(folder, recipe)
    for _ in range(3):
        card = re.sub(r'\{\{(\w+)\}\}', lambda m: str((filled | {'bytes': f'{size_of(folder):,}'})[m[1]]), template)
        (folder / 'README.md').write_text(card, 'utf-8')
    return size_of(folder)


if __name__ == '__main__':
    model = Path('models/mini')
    print(write_card(model, json.loads((HERE / 'recipe.json').read_text('utf-8'))))
