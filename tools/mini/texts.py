"""Training texts: plain English that anyone can rebuild from packaged, freely licensed sources.

Nothing here reads the evaluation sets. Every source is sorted before it is shuffled with a seed,
so the same inputs give the same texts.
"""

import random
import re
from pathlib import Path

WORDNET = Path('/usr/share/wordnet')  # Debian package wordnet-base

PEOPLE = (
    'man,woman,boy,girl,child,baby,person,kid,lady,player,dog,cat,horse,bird,chef,soldier,police officer,'
    'group of people,two men,two women,young couple,crowd,brown dog,small child,old man,teacher,worker,monkey'
).split(',')
ACTIONS = (
    'playing,riding,eating,cooking,cutting,slicing,washing,holding,carrying,throwing,kicking,watching,reading,writing,'
    'drinking,pushing,pulling,cleaning,opening,painting,driving,chasing,jumping over,sitting on,standing near,'
    'looking at,walking past,running toward,climbing,lifting,selling,buying,fixing,mixing,peeling,pouring'
).split(',')
THINGS = (
    'guitar,piano,flute,ball,bicycle,motorcycle,horse,car,bus,train,boat,book,letter,phone,computer,table,chair,bench,'
    'tree,fence,rock,rope,onion,potato,tomato,carrot,apple,bread,fish,meat,rice,soup,egg,glass of water,cup of coffee,'
    'knife,box,door,window,camera,kite,toy,hat,shirt,bag,house,wall,ladder,gun,drum,violin,cake,bottle'
).split(',')
PLACES = (
    'in the park,on the beach,in the street,in the snow,in a field,at night,in a kitchen,on a stage,in the water,'
    'in front of a building,near a lake,on the grass,in a room,outside,indoors,at a table,on the road,in the city'
).split(',')
ACTORS = (
    'president,prime minister,government,police,court,company,central bank,army,parliament,opposition,union,'
    'senate,minister,rebels,protesters,investors,scientists,officials,United States,Russia,China,Israel,Iran,Syria,'
    'India,Egypt,Ukraine,Germany,France,Pakistan'
).split(',')
EVENTS = (
    'rejects peace deal,announces new sanctions,wins election,calls for talks,cuts interest rates,reports higher profit,'
    'warns of attack,kills dozens in bombing,approves budget,launches investigation,denies nuclear claims,'
    'shares fall sharply,stocks rise,arrests suspect,signs trade agreement,faces protests,resigns over scandal,'
    'sentenced to prison,evacuates thousands after flood,reports plane crash,begins vote count,seeks aid after quake'
).split(',')


def wordnet_texts():
    """(lemmas, examples, definitions) of every synset."""
    lemmas, examples, definitions = set(), set(), set()
    for part in ('noun', 'verb', 'adj', 'adv'):
        for line in (WORDNET / f'data.{part}').read_text('utf-8', 'replace').splitlines():
            if line.startswith('  '):  # licence header
                continue
            data, _, gloss = line.partition(' | ')
            fields = data.split()
            words = int(fields[3], 16)
            lemmas.update(re.sub(r'\(\w+\)$', '', fields[4 + 2 * i]).replace('_', ' ') for i in range(words))
            examples.update(re.findall(r'"([^"]{8,})"', gloss))
            definitions.add(re.sub(r'"[^"]*"', '', gloss).strip(' ;'))
    return sorted(lemmas), sorted(examples), sorted(definitions)


def corpus_sentences(folder):
    """Sentences of 4 to 40 words from the public-domain corpora."""
    found = set()
    for path in sorted(Path(folder).glob('*.txt')):
        text = ' '.join(path.read_text('utf-8', 'replace').split())
        found.update(s for s in re.split(r'(?<=[.!?;])\s+', text) if 4 <= len(s.split()) <= 40)
    return sorted(found)


def scenes(rng, count):
    """Caption-like sentences: someone does something somewhere."""
    found = set()
    while len(found) < count:
        who, verb, what = rng.choice(PEOPLE), rng.choice(ACTIONS), rng.choice(THINGS)
        be = 'are' if who.startswith('two') else 'is'
        article = '' if who.startswith('two') else rng.choice(['A ', 'The '])
        place = ' ' + rng.choice(PLACES) if rng.random() < 0.4 else ''
        found.add(f'{article}{who} {be} {verb} {rng.choice(["a", "the"])} {what}{place}.'.capitalize())
    return sorted(found)


def headlines():
    """News-like lines: every actor with every event."""
    return [f'{who} {event}' for who in ACTORS for event in EVENTS]


def builtin_texts(corpora, seed):
    """{source: texts in a seeded order} of what needs no folder of texts: WordNet, old books, templates.

    WordNet's definitions are left out: a folder with Open English WordNet has them, without those that
    the STS sets quote.
    """
    rng = random.Random(seed)
    lemmas, examples, _ = wordnet_texts()
    sources = {
        'builtin-examples': (examples, 16_384),
        'builtin-lemmas': (lemmas, 16_384),
        'builtin-corpora': (corpus_sentences(corpora), 16_384),
        'builtin-scenes': (scenes(rng, 16_000), 16_000),
        'builtin-headlines': (headlines(), 1_000),
    }
    chosen = {}
    for name, (texts, most) in sources.items():
        rng.shuffle(texts)
        chosen[name] = texts[:most]
    return chosen


def input_files(corpora):
    """The files that the texts come from."""
    return [*sorted(Path(corpora).glob('*.txt')), *sorted(WORDNET.glob('data.*'))]
