"""What there is to encode and in which order: every prefix is a sample of all sources."""

from corpus import blocks_of, read_corpus, sampled
from texts import builtin_texts

SEED = 1


def encoding_plan(texts, corpora, seed=SEED):
    """Blocks of texts and of pairs of a folder or archive and of the built-in sources."""
    text_blocks, pair_blocks, _ = read_corpus(texts)
    for source, lines in builtin_texts(corpora, seed).items():
        text_blocks += blocks_of(source, lines, False)
    return sampled(text_blocks) if not pair_blocks else interleaved(sampled(text_blocks), pair_blocks)


def interleaved(left, right):
    """Both lists in their own order, mixed in proportion to their lengths."""
    keyed = [((i + 0.5) / len(left), 0, block) for i, block in enumerate(left)]
    keyed += [((i + 0.5) / len(right), 1, block) for i, block in enumerate(right)]
    return [block for _, _, block in sorted(keyed, key=lambda entry: entry[:2])]
