"""What there is to encode and in which order: the built-in sources, then a sample of all others,
however early it is cut off."""

from corpus import blocks_of, read_corpus, sampled
from texts import builtin_texts

SEED = 1


def encoding_plan(texts, corpora, seed=SEED):
    """Blocks of the built-in sources, then blocks of texts and pairs of a folder or archive, mixed."""
    text_blocks, pair_blocks, _ = read_corpus(texts)
    builtin = [blocks_of(source, lines, False) for source, lines in builtin_texts(corpora, seed).items()]
    return sampled(sum(builtin, [])) + interleaved(text_blocks, pair_blocks)


def interleaved(left, right):
    """Both lists in their own order, mixed in proportion to their lengths."""
    keyed = [((i + 0.5) / len(left), 0, block) for i, block in enumerate(left)]
    keyed += [((i + 0.5) / len(right), 1, block) for i, block in enumerate(right)]
    return [block for _, _, block in sorted(keyed, key=lambda entry: entry[:2])]
