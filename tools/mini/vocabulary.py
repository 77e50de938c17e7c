"""The student's tokens: the teacher's WordPiece vocabulary without what English never uses, and whole words.

WordPiece takes the longest match, so a whole word that joins the vocabulary becomes one token by itself.
"""

import json
import re
import unicodedata
from collections import Counter

from tokenizers import Tokenizer

UNKNOWN = '[UNK]'
LATIN = re.compile(r'[\x21-\x7e\xa1-\u024f\u2010-\u2044\u20ac\u2122]+')  # Latin script, its punctuation and signs
SPECIAL = re.compile(r'\[(unused\d+|CLS|SEP|MASK)\]')
WORD = re.compile(r'[^\W_]+|[^\w\s]|_')
NEW_WORD = re.compile(r'[a-z]{3,24}')


def count_words(texts):
    """How often each word or sign occurs, without case and accents, much as BERT's uncased tokenizer sees them."""
    counts = Counter()
    for text in texts:
        if not text.isascii():
            text = ''.join(c for c in unicodedata.normalize('NFD', text) if unicodedata.category(c) != 'Mn')
        counts.update(WORD.findall(text.lower()))
    return counts


def split_counts(spec, words):
    """How often each token occurs when WordPiece splits the counted words."""
    tokenizer = Tokenizer.from_str(json.dumps(spec))
    names = list(words)
    counts = Counter()
    for start in range(0, len(names), 50_000):
        part = names[start : start + 50_000]
        for word, encoding in zip(part, tokenizer.encode_batch(part, add_special_tokens=False), strict=True):
            for token in encoding.tokens:
                counts[token] += words[word]
    return counts


def with_vocabulary(spec, tokens):
    """The tokenizer object with exactly these tokens, numbered in order, and nothing around a text."""
    vocab = {token: i for i, token in enumerate(tokens)}
    added = [dict(entry, id=vocab[entry['content']]) for entry in spec['added_tokens'] if entry['content'] in vocab]
    model = dict(spec['model'], vocab=vocab)
    return dict(spec, model=model, added_tokens=added, post_processor=None, truncation=None, padding=None)


def latin_tokens(spec):
    """The teacher's tokens that stay, in its order."""
    vocab = sorted(spec['model']['vocab'].items(), key=lambda item: item[1])
    return [token for token, _ in vocab if LATIN.fullmatch(token) and not SPECIAL.fullmatch(token)]


def always_kept(token):
    """Without single characters a word could not be split at all; without [UNK] a tokenizer does not load."""
    return len(token.removeprefix('##')) == 1 or token in (UNKNOWN, '[PAD]')


def balanced(by_source, most=30):
    """One count of words from many: a source adds at most `most`, so that no source's jargon gets in by itself."""
    total = Counter()
    for counts in by_source.values():
        total.update({word: min(n, most) for word, n in counts.items()})
    return total


def choose_vocabulary(spec, words, size, new_words):
    """`size` tokens: up to `new_words` frequent whole words, then the most used of the teacher's tokens.

    Whole words are counted in the texts; the teacher's tokens are counted after the whole words took
    theirs, so that pieces which only ever served those words leave.
    """
    base = latin_tokens(spec)
    known = set(base)
    fresh = [w for w, n in words.most_common() if n >= 8 and NEW_WORD.fullmatch(w) and w not in known][:new_words]
    used = split_counts(with_vocabulary(spec, base + fresh), words)
    kept = {token for token in base if always_kept(token)}
    ranked = sorted((t for t in base if t not in kept), key=lambda token: -used[token])
    kept.update(ranked[: size - len(fresh) - len(kept)])
    return with_vocabulary(spec, [token for token in base if token in kept] + fresh)
