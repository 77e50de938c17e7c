// docs/CLI.md, made of what the commands print: `node tools/cli_docs.mjs` writes it, tests/js/cli_docs.test.js compares it.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './run.mjs';

/** The files that the examples read. @type {Record<string, string>} */
const FILES = {
  'docs.txt': `Take an umbrella, it may rain today
The cat sleeps on the sofa
Bake the bread for an hour
take an umbrella, it may rain today!
Water a cactus once a month
Interest rates rose again on Monday
`,
  'books.jsonl': `{"id": "b1", "title": "The old man and the sea", "year": 1952}
{"id": "b2", "title": "A field guide to mushrooms", "year": 1990}
`,
  'pairs.tsv': `sentence1\tsentence2\tscore
A man is playing a guitar\tSomeone plays an instrument\t4.2
A dog runs in the snow\tA cat sleeps on the sofa\t0.6
It is raining\tThe weather is wet\t3.9
`,
  'questions-words.txt': `: family
man woman king queen
boy girl brother sister
: nouns
cat cats dog dogs
`,
  'set/corpus.jsonl': `{"_id": "1", "title": "Cactus", "text": "Water it once a month, and never in winter"}
{"_id": "2", "title": "Bread", "text": "Bake it for an hour at a high temperature"}
{"_id": "3", "title": "Umbrella", "text": "It keeps you dry on a wet day"}
`,
  'set/queries.jsonl': `{"_id": "q1", "text": "how often do succulents need a drink"}
{"_id": "q2", "text": "baking a loaf"}
`,
  'set/qrels/test.tsv': `query-id\tcorpus-id\tscore
q1\t1\t1
q2\t2\t1
`,
};

/** Commands in the order of the page, each with what is run to show it. @type {Record<string, string[]>} */
const SHOWN = {
  encode: [
    "printf 'It is raining\\nWet weather\\n' | wembed encode --dimensions 4",
    'wembed encode docs.txt --output docs.npy && ls docs.npy',
    'wembed encode --jsonl --field title --dimensions 2 books.jsonl',
    'wembed encode --format raw docs.txt | wc -c',
    "printf 'caf\\351\\n' | wembed encode",
    "printf 'caf\\351\\n' | iconv -f latin1 -t utf-8 | wembed encode --no-text --dimensions 2",
  ],
  index: ['wembed index docs.txt --output docs.index', 'wembed index --jsonl --field title books.jsonl -o books.index'],
  search: [
    "wembed search docs.index 'plants that need little water' --top 2",
    'wembed search books.index fishing --top 1 --json --explain',
    "printf 'bad weather\\nbaking\\n' | wembed search docs.index --top 1",
  ],
  similar: ['wembed similar king --top 3', "wembed similar 'It is raining' 'Wet weather' 'Stock prices fell'"],
  analogy: ['wembed analogy king - man + woman --top 3', 'wembed analogy man king woman --top 1 --json'],
  duplicates: ['wembed duplicates docs.txt', 'wembed duplicates docs.txt --kept | wc -l'],
  count: ['wembed count docs.txt', "printf 'It is raining\\nWet weather\\n' | wembed count --each"],
  tokenize: ["echo 'It is raining' | wembed tokenize", "echo 'It is raining' | wembed tokenize --ids"],
  inspect: ['wembed convert "$MINI" --dtype f16 -o mini-f16 && wembed inspect ./mini-f16/'],
  convert: ['wembed convert "$MINI" --dtype f32 -o mini-f32', 'ls mini-f32'],
  prune: ['wembed prune docs.txt --output small', 'wembed similar --model ./small/ umbrella --top 2'],
  eval: [
    'wembed eval sts pairs.tsv',
    'wembed eval analogies questions-words.txt',
    'wembed eval retrieval set',
    'wembed eval retrieval set --json',
  ],
  demo: [],
};

/** Wrong calls, and how they end. */
const WRONG = [
  'wembed encode --normalise; echo "exit code $?"',
  'wembed search docs.index --top 0; echo "exit code $?"',
  'wembed similar xylofon; echo "exit code $?"',
  'wembed count none.txt; echo "exit code $?"',
  'yes rain | wembed encode --dimensions 2 | head -n 1',
];

const HEAD = `# The command line

<!-- Written by tools/cli_docs.mjs from what the commands print. -->

\`npx wembed COMMAND\`, or \`wembed COMMAND\` after \`npm install --global wembed\`. Node ≥ 20 is all it needs. Below, \`$\` stands before what is typed, and what is printed follows.

It is a stage of a pipe: input is read as it comes, nothing is held but the lines that were read together, the reader of the output is waited for, and where it stops reading the command ends without a word, with exit code 0. Progress is shown on a terminal alone. Failures are one line on standard error: exit code 1, or 2 for a wrong call.

Vectors come as fast as the library encodes with \`--format raw\` and \`npy\`. JSON is thirty times as many bytes as the text: writing it takes as long again.`;

const PIPES = `## On all processors, and on many machines

With [GNU parallel](https://www.gnu.org/software/parallel/), a process for each processor, the lines in their order:

\`\`\`sh
parallel --pipe --block 50M --keep-order npx wembed encode --no-text < huge.txt > huge.jsonl
parallel --pipe --block 50M --keep-order npx wembed encode --format raw < huge.txt > huge.f32
\`\`\`

With Spark's \`pipe\`, a process for each partition; the package must be installed where the workers run:

\`\`\`python
vectors = sc.textFile("hdfs:///texts/").pipe("npx wembed encode --no-text").map(json.loads)
\`\`\``;

/** @returns {string} the page */
export function cliPage() {
  const folder = mkdtempSync(join(tmpdir(), 'wembed-docs-'));
  try {
    const shell = shellIn(folder);
    const sections = Object.entries(SHOWN).map(([name, lines]) => {
      const help = shell(`wembed ${name} --help`);
      const runs =
        lines.length > 0 ? `\n\n\`\`\`console\n${lines.map((line) => shown(shell, line)).join('\n')}\`\`\`` : '';
      return `## ${name}\n\n\`\`\`text\n${help}\`\`\`${runs}`;
    });
    const wrong = WRONG.map((line) => shown(shell, line)).join('\n');
    const overview = `\`\`\`console\n${shown(shell, 'wembed --help')}\`\`\``;
    const failures = `## When something is wrong\n\n\`\`\`console\n${wrong}\`\`\``;
    return `${[HEAD, overview, ...sections, PIPES, failures].join('\n\n')}\n`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {(line: string) => string} shell @param {string} line */
const shown = (shell, line) => `$ ${line.replace('"$MINI"', 'models/mini/')}\n${shell(line)}`;

/**
 * @param {string} folder is filled with the files of the examples
 * @returns {(line: string) => string} runs a line there and gives what it prints, errors too
 */
function shellIn(folder) {
  for (const [name, content] of Object.entries(FILES)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  const programs = join(folder, '.bin');
  mkdirSync(programs);
  symlinkSync(process.execPath, join(programs, 'node'));
  const program = join(programs, 'wembed');
  writeFileSync(program, `#!/bin/sh\nexec node '${join(ROOT, 'web/cli/main.js')}' "$@"\n`);
  chmodSync(program, 0o755);
  const env = { ...process.env, PATH: `${programs}${delimiter}${process.env.PATH}`, MINI: join(ROOT, 'models/mini/') };
  return (line) => {
    const { stdout, error } = spawnSync('sh', ['-c', `{ ${line}\n} 2>&1`], { cwd: folder, env, encoding: 'utf8' });
    if (error) throw error;
    return stdout;
  };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(join(ROOT, 'docs/CLI.md'), cliPage());
}
