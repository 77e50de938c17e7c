// What a section shows, as a script that runs in Node and in a page. tests/js/demo.test.js runs each of them.
import { divisorsOf } from './parts/position_divisors.js';

/** @param {string} text @returns {string} a string of JavaScript */
const quoted = (text) => {
  const plain = !/['\\\n\r\u2028\u2029]/.test(text);
  return plain
    ? `'${text}'`
    : JSON.stringify(text)
        .replace(/\u2028/g, '\\u2028')
        .replace(/\u2029/g, '\\u2029');
};

/** @param {{ a: string, b: string }} state */
export const alike = ({ a, b }) => `import { loadMini } from 'wembed/mini';
import { VectorIndex } from 'wembed/search';

const layer = await loadMini();
const [a, b] = [${quoted(a)}, ${quoted(b)}];
console.log(layer.similarity(a, b)); // the cosine

const index = await VectorIndex.create({ layer });
index.add([{ id: 'b', text: b }]);
console.log(index.explain('b', a).pairs); // which pairs of tokens it is made of, the largest first
`;

/** @param {{ text: string, other: string, dim: number, bits: string }} state */
export const rows = ({ text, other, dim, bits }) => `import { loadMini } from 'wembed/mini';
${bits === '1 bit' ? "import { quantizeEmbeddings } from 'wembed/util';\n" : ''}
const layer = await loadMini(${bits === '1 bit' ? '' : `{ dtype: '${bits}' }`});
const { ids, tokens } = layer.tokenizer.encode(${quoted(text)});
console.log(tokens.map((token, i) => \`\${token} is row \${ids[i]}\`));
console.log(layer.table.lookup(ids)); // their rows

const vectors = layer.encode([${quoted(text)}, ${quoted(other)}], { dimensions: ${dim} });
${
  bits === '1 bit'
    ? `const signs = quantizeEmbeddings(vectors, 'ubinary'); // eight in a byte, first those of the first text
const [x, y] = [signs.subarray(0, ${dim / 8}), signs.subarray(${dim / 8})];
const differ = x.reduce((sum, byte, i) => sum + (byte ^ y[i]).toString(2).replaceAll('0', '').length, 0);
console.log(1 - (2 * differ) / ${dim}); // the cosine of the signs`
    : 'console.log(vectors.row(0).reduce((sum, value, i) => sum + value * vectors.row(1)[i], 0)); // the cosine'
}
`;

/** @param {{ word: string, plus: string[], minus: string[] }} state */
export const map = ({ word, plus, minus }) => `import { loadMini } from 'wembed/mini';

const layer = await loadMini();
console.log(layer.mostSimilar(${quoted(word)}, { topn: 10 }));
const near = layer.mostSimilar({ positive: ${list(plus)}, negative: ${list(minus)}, topn: 20 });
console.log(near.filter(({ key }) => !key.startsWith('##'))); // without pieces that continue a word
`;

/** @param {string[]} words */
const list = (words) => `[${words.map(quoted).join(', ')}]`;

/** @param {{ query: string, weight: number, lines: string[] }} state `weight`: of meaning */
export const search = ({ query, weight, lines }) => `import { loadMini } from 'wembed/mini';
import { VectorIndex } from 'wembed/search';

const texts = [
${lines.map((line) => `  ${quoted(line)},`).join('\n')}
];
const layer = await loadMini();
const index = await VectorIndex.create({ layer, passages: true });
index.add(texts.map((text, id) => ({ id, text })));
const both = { method: 'auto', weight: ${weight} }; // so much meaning, the rest keywords
for (const hybrid of ['keywords', 'vectors', both]) {
  const hits = index.search(${quoted(query)}, { hybrid, topK: 3 });
  for (const { id, score } of hits) console.log(hybrid.method ?? hybrid, score, texts[id]);
}
`;

/** @param {{ place: string, ids: string }} state an address, or none: then the model's own file */
export const size = ({ place, ids }) => {
  const own = `import { loadMini } from 'wembed/mini';

const files = await (await loadMini()).save();
const place = new File([files.get('model.safetensors')], 'model.safetensors');`;
  return `import { RemoteTable, inspect } from 'wembed';
${place ? `\nconst place = ${quoted(place)};` : own}
const { layer } = await inspect(place); // from its header alone
console.log(layer);
const table = await RemoteTable.from${place ? 'Pretrained' : ''}(place);
console.log(await table.lookup([${ids
    .split(/[\s,;]+/)
    .filter((id) => /^\d+$/.test(id))
    .join(', ')}])); // their rows, and no others
console.log(table.bytesFetched);
`;
};

/** @param {{ body: string, context: string, decay: number, temperature: number, topk: number, topp: number, again: string, source: string, model: string }} state */
export const head = (state) => (state.body === 'rows' ? headOfRows(state) : headOfLlama(state));

/** @param {{ context: string, temperature: number, topk: number, topp: number, source: string, model: string }} state the LLaMA's source and weights */
const headOfLlama = ({ context, temperature, topk, topp, source, model }) => `${source.trimEnd()}

// Everything above is examples/llama/llama.js; from here on it tells a story.
const place = ${quoted(model)};
const model = await Llama.load(new Uint8Array(await (await fetch(place)).arrayBuffer()));
const { tokenizer, head } = model;
const ids = [...tokenizer.encode(${quoted(context.trimEnd())}).ids];
let hidden;
ids.forEach((id, position) => (hidden = model.next(id, position)));
const { ids: best, probs } = head.topK(hidden.map((value) => value / ${temperature || 1}), 12);
best.forEach((id, i) => console.log(tokenizer.idToToken(id), probs[i]));
while (ids.length < model.context) {
  const id = head.sample(hidden, { temperature: ${temperature}, topK: ${topk}, topP: ${topp}, seed: ids.length });
  if (id === ids[0]) break; // a new story begins
  ids.push(id);
  hidden = model.next(id, ids.length - 1);
}
console.log(tokenizer.decode(ids));
`;

/** @param {{ context: string, decay: number, temperature: number, topk: number, topp: number, again: string }} state */
const headOfRows = ({
  context,
  decay,
  temperature,
  topk,
  topp,
  again,
}) => `import { EmbeddingTable, LanguageModelHead } from 'wembed';
import { loadMini } from 'wembed/mini';

const layer = await loadMini();
const { rows, dim } = layer.table;
const unit = layer.table.lookup(Uint32Array.from({ length: rows }, (_, i) => i)).data;
for (let i = 0; i < rows; i++) {
  const row = unit.subarray(i * dim, (i + 1) * dim);
  const length = Math.hypot(...row) || 1;
  row.forEach((value, d) => (row[d] = value / length));
}
const table = await EmbeddingTable.from(unit, { rows, dim });

// In place of a model's layers: the rows of the text, later ones weighing more.
const { ids } = layer.tokenizer.encode(${quoted(context)}, { addSpecialTokens: false });
const hidden = new Float32Array(dim);
ids.forEach((id, i) => {
  if (id === layer.tokenizer.unkId) return;
  layer.table.row(id).forEach((value, d) => (hidden[d] += ${decay} ** (ids.length - 1 - i) * value));
});
const length = Math.hypot(...hidden) || 1;
hidden.forEach((value, d) => (hidden[d] = (16 * value) / length));

const bias = new Float32Array(rows);
${again === 'yes' ? '' : 'ids.forEach((id) => (bias[id] = -1000)); // never again a word of the text\n'}const head = new LanguageModelHead(table, { bias });
const { ids: best, probs } = head.topK(hidden.map((value) => value / ${temperature || 1}), 14);
best.forEach((id, i) => console.log(layer.tokenizer.idToToken(id), probs[i]));
const drawn = head.sample(hidden, { temperature: ${temperature}, topK: ${topk}, topP: ${topp}, seed: 1 });
console.log('drawn:', layer.tokenizer.idToToken(drawn));
`;

/** @param {{ kind: string, other: string, position: number, distance: number, theta: number, type: string, factor: number, length: number }} state */
export function positions({ kind, other: key, position, distance, theta, type, factor, length }) {
  if (kind === 'learned') {
    return `import { EmbeddingTable, LearnedPositions } from 'wembed';

const data = Float32Array.from({ length: 512 * 64 }, () => Math.random() - 0.5); // a model's file has learned ones
const positions = new LearnedPositions(await EmbeddingTable.from(data, { rows: 512, dim: 64 }));
console.log(positions.lookup([${position}]), positions.maxPositions);
`;
  }
  const other = Math.max(0, position + distance); // a text begins at 0
  if (kind === 'sinusoidal') {
    return `import { SinusoidalPositions } from 'wembed';

const waves = new SinusoidalPositions({ dim: 64 });
const product = (p, q) => waves.lookup([p, q]).row(0).reduce((sum, value, i) => sum + value * waves.lookup([q]).row(0)[i], 0);
console.log(product(${position}, ${other}), product(${position + 1000}, ${other + 1000})); // the same
`;
  }
  const divisors = divisorsOf(factor, { theta, pairs: 32, trained: 4096 }).map((each) => Number(each.toFixed(4)));
  const away = Math.min(length - 1 - position, other - position); // and ends at its last token
  const further = position + 1000 + 64 < length ? position + 1000 : position - 1000;
  const scaling = /** @type {Record<string, string>} */ ({
    default: '',
    proportional: ' scaling: { partial_rotary_factor: 0.25 },',
    llama3: ` scaling: { factor: ${factor}, low_freq_factor: 1, high_freq_factor: 4 },`,
    longrope: ` scaling: { factor: ${factor}, short_factor: Array(32).fill(1), long_factor: [${divisors.join(', ')}] },`,
  });
  const longest = ['default', 'dynamic', 'proportional'].includes(type) ? 4096 : 4096 * factor;
  return `import { RotaryPositions } from 'wembed';

const rotary = RotaryPositions.from({
  type: '${type}', theta: ${theta}, headDim: 64, interleaved: true, maxPositions: ${longest}, originalPositions: 4096,
 ${scaling[type] ?? ` scaling: { factor: ${factor} },`}
});
// A query and a key: the same numbers every time, each the sum of six of a simple generator.
const numbers = (seed) => {
  const next = () => (seed = (seed * 48271) % 2147483647) / 2147483647 - 0.5;
  return Float32Array.from({ length: 64 }, () => next() + next() + next() + next() + next() + next());
};
const [q, other] = [numbers(7), numbers(11)];
const k = ${key === 'any' ? 'other' : 'q.map((value, i) => 0.8 * value + 0.4 * other[i])'};
// In a text of ${length} tokens, which some types of scaling look at: its last position is turned too.
const turn = (x, p) => rotary.rotate(Float32Array.of(...x, ...x), { positions: [p, ${length - 1}] }).subarray(0, 64);
const product = (p, d) => {
  const [x, y] = [turn(q, p), turn(k, p + d)];
  return x.reduce((sum, value, i) => sum + value * y[i], 0);
};
console.log(product(${position}, ${away}), product(${further}, ${away})); // the same
`;
}

export const speed = () => `import { loadMini } from 'wembed/mini';

const layer = await loadMini();
const texts = Array.from({ length: 10_000 }, (_, i) => \`text \${i}: drink plenty of water and rest\`);
layer.encode(texts); // the first run warms up
const begun = performance.now();
layer.encode(texts);
console.log(Math.round((1000 * texts.length) / (performance.now() - begun)), 'texts per second');
`;

/** @param {{ texts: string[], words: string[] }} state the first of the texts, and an equation */
export const learn = ({ texts, words: [a, b, c] }) => `import { trainWordVectors } from 'wembed/train';

const texts = [
${texts.map((text) => `  ${quoted(text)},`).join('\n')}
  // … the more, the better
];
const options = { sg: 1, vectorSize: 16, sample: 0, minCount: 1, alpha: 0.04, epochs: 200, batchWords: 400, seed: 1 };
const words = await trainWordVectors(texts, options);
if ([${[a, b, c].map(quoted).join(', ')}].every((word) => words.has(word))) {
  console.log(words.mostSimilar({ positive: [${quoted(a)}, ${quoted(c)}], negative: [${quoted(b)}], topn: 4 }));
}
`;
