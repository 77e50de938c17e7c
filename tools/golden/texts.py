"""Varied texts, the same at every run: what golden values are made of."""

import random

WORDS = """the of and a to in is was it for with he be on i that by at you are his had not this have from but which she
they or an her were there been their has would what will if can all more who when one so no out up into them some could
time its two then do first any my now like our over such man me even most made after also did many off before must well
back through years much where your way down should because long each just state people those too mister little good
world make very year still see own work men day get here old life both between being under three never know same last
another while us might great go come since against right came take used himself few house american use place during
high without again home around small however found mrs part school thought went say general once upon left war without
raining embedding tokenization unbelievable electroencephalography naïve façade jalapeño Zürich São Tomé København
don't it's o'clock well-known U.S.A. 3.14 1,000,000 50% $9.99 e-mail user@example.org https://example.org/a?b=c#d C++
king queen woman paris london python javascript""".split()

SNIPPETS = [
    "", " ", "\n", "\t\r\n", "!", "...", "?!?!", "[UNK]", "[CLS] x [SEP]", "[PAD]", "[MASK]", "##ing", "\x00", "a\x00b",
    "\ufffd", "\u200b", "\u200d", "\ufeff", "\u00a0", "\u3000", "\u2028", "a\u0301", "e\u0301\u0302\u0303", "ﬁ", "ß", "İ", "ı",
    "ΑΒΓ", "ς", "Привет мир", "Українська", "日本語のテキスト", "中文测试", "한국어", "ไทยภาษา", "हिन्दी", "العربية",
    "עברית", "😀", "👩‍👩‍👧‍👦", "🇩🇪", "👍🏽", "𝒳𝓎", "\U0001f9ff", "\U00020000", "½", "²", "№", "™", "“quoted”", "‘x’", "—", "–",
    "a" * 101, "x" * 300, "ab" * 60, "1234567890" * 12, "_under_score_", "snake_case", "CamelCase", "ALLCAPS", "\x7f", "\x85",
    "é", "é", "Å", "Å", "ǆ", "ﷺ", "\u0300", "क्षि", "\u1100\u1161\u11a8", "Ⅷ", "①", "\u00ad", "soft\u00adhyphen",
]


def varied_texts(count, seed=1):
    """`count` texts: every snippet alone, then sentences of words, snippets and stray characters."""
    rng = random.Random(seed)
    texts = list(SNIPPETS)
    while len(texts) < count:
        parts = [_part(rng) for _ in range(rng.choice([1, 3, 8, 17, 40]))]
        texts.append(rng.choice(["", " "]) + rng.choice([" ", " ", " ", "", ", ", "\n"]).join(parts))
    return texts[:count]


def _part(rng):
    kind = rng.random()
    if kind < 0.75:
        word = rng.choice(WORDS)
        return rng.choice([word, word, word.title(), word.upper(), word + rng.choice(".,;:!?)")])
    if kind < 0.87:
        return rng.choice(SNIPPETS)
    return "".join(_character(rng) for _ in range(rng.randint(1, 6)))


def _character(rng):
    """Any scalar value, mostly of the first planes: no surrogates, which no UTF-8 text has."""
    while True:
        point = rng.choice([rng.randint(0, 0x7F), rng.randint(0x80, 0x24FF), rng.randint(0, 0xFFFF), rng.randint(0, 0x1FFFF)])
        if not 0xD800 <= point <= 0xDFFF:
            return chr(point)
