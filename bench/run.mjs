// `npm run bench`: measures wembed against its peers in one run, prints the tables and writes them to docs/BENCHMARKS.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Failure, ROOT, main } from '../tools/run.mjs';
import { buildWasm } from '../tools/build.mjs';
import { setup, setupNpm } from '../tools/setup.mjs';

const DOCUMENT = join(ROOT, 'docs/BENCHMARKS.md');

const HELP = `npm run bench -- [options] [sections]

Compares wembed with ONNX Runtime Web, TensorFlow.js, @huggingface/tokenizers, transformers.js, usearch, Orama,
MiniSearch, EdgeVec, voy, hypertok, gpt-tokenizer, js-tiktoken, and, where python3 and cargo are available, gensim, numpy,
sqlite-vec, model2vec and model2vec-rs, in Node, on one thread.

  sections   lookup pooling first_vector memory loading word_vectors training search text tokenizers
             flatness logits transforms size (default: all)
  --quick    fewer rounds; a minute instead of several
  --help     this text

A whole run without --quick replaces the tables in docs/BENCHMARKS.md; any other only prints.`;

main(async () => {
  const args = process.argv.slice(2);
  if (args.includes('--help')) return console.log(HELP);
  const quick = args.includes('--quick');
  const chosen = args.filter((arg) => arg !== '--quick');

  setup(['npm']);
  setupNpm('bench');
  buildWasm();
  const { SECTIONS, summary } = await import('./report.mjs');
  const unknown = chosen.filter((name) => !(name in SECTIONS));
  if (unknown.length > 0) throw new Failure(`Unknown section: ${unknown.join(' ')}\n\n${HELP}`);

  const machine = `${cpus()[0].model.trim()}, ${cpus().length} processors, Node ${process.version}`;
  console.log(`${machine}${quick ? ', quick run' : ''}\n`);
  /** @type {string[]} */
  const tables = [];
  /** @type {import('./report.mjs').Target[]} */
  const targets = [];
  for (const name of chosen.length > 0 ? chosen : Object.keys(SECTIONS)) {
    const section = await SECTIONS[name]({ quick });
    console.log(`${section.text}\n`);
    tables.push(section.text);
    targets.push(...section.targets);
  }
  const verdicts = summary(targets);
  console.log(verdicts);
  if (!quick && chosen.length === 0) writeDocument([`Machine: ${machine}.`, verdicts, ...tables].join('\n\n'));
});

/** @param {string} text replaces the part between the document's markers */
function writeDocument(text) {
  const document = readFileSync(DOCUMENT, 'utf8');
  const between = /(<!-- bench: begin -->\n)[^]*(<!-- bench: end -->)/;
  if (!between.test(document)) throw new Failure('docs/BENCHMARKS.md has no bench markers.');
  writeFileSync(
    DOCUMENT,
    document.replace(between, (_, begin, end) => `${begin}\n${text}\n\n${end}`),
  );
}
