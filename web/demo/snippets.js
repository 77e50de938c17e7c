// What a section shows, as a script that runs in Node and in a page. tests/browser/demo_code.test.js runs each of them.

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

/** @param {{ plus: string[], minus: string[] }} state */
export const map = ({ plus, minus }) => `import { loadMini } from 'wembed/mini';

const layer = await loadMini();
console.log(layer.mostSimilar({ positive: ${list(plus)}, negative: ${list(minus)}, topn: 10 }));
`;

/** @param {string[]} words */
const list = (words) => `[${words.map(quoted).join(', ')}]`;

/** @param {{ query: string, lines: string[] }} state */
export const search = ({ query, lines }) => `import { loadMini } from 'wembed/mini';
import { VectorIndex } from 'wembed/search';

const texts = [
${lines.map((line) => `  ${quoted(line)},`).join('\n')}
];
const layer = await loadMini();
const index = await VectorIndex.create({ layer, passages: true });
index.add(texts.map((text, id) => ({ id, text })));
for (const hybrid of ['keywords', 'vectors', 'auto']) {
  for (const { id, score } of index.search(${quoted(query)}, { hybrid, topK: 3 })) console.log(hybrid, score, texts[id]);
}
`;
