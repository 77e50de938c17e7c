// A text's vector is the sum of its tokens' rows, made of length 1. So the cosine of two texts is a sum over all pairs of
// their tokens: the product of two rows ÷ (the length of one sum × the length of the other).

/** A token and its row. `known`: it has a row of its own, and counts. @typedef {{ token: string, id: number, offset: [number, number], known: boolean, row: Float32Array }} TokenRow */

/**
 * @typedef {object} Split
 * @property {TokenRow[]} a the tokens of the first text that count
 * @property {TokenRow[]} b
 * @property {Float64Array} shares (a.length, b.length): what each pair adds
 * @property {number} sum of all shares: the cosine
 * @property {boolean} isCut whether a text has more tokens than the model reads
 */

/**
 * The tokens of a text with their rows, at most as many as the model reads.
 * @param {import('../../index.js').EmbeddingLayer} layer
 * @param {string} text
 * @returns {TokenRow[]}
 */
export function tokenRows(layer, text) {
  const { tokenizer, table } = layer;
  const { ids, tokens, offsets } = tokenizer.encode(text, { addSpecialTokens: false, offsets: true });
  const rows = table.lookup(ids);
  return Array.from(ids, (id, i) => ({
    token: tokens[i],
    id,
    offset: /** @type {[number, number]} */ (offsets?.[i] ?? [0, 0]),
    known: id !== tokenizer.unkId,
    row: rows.row(i),
  }));
}

/**
 * @param {import('../../index.js').EmbeddingLayer} layer
 * @param {string} first
 * @param {string} second
 * @returns {Split}
 */
export function splitCosine(layer, first, second) {
  const most = layer.describe().maxLength ?? Infinity;
  const all = [first, second].map((text) => tokenRows(layer, text).filter(({ known }) => known));
  const [a, b] = all.map((tokens) => tokens.slice(0, most));
  const isCut = all.some(({ length }) => length > most);
  const lengths = lengthOfSum(a) * lengthOfSum(b) || 1;
  const shares = new Float64Array(a.length * b.length);
  let sum = 0;
  a.forEach((one, i) =>
    b.forEach((other, j) => {
      sum += shares[i * b.length + j] = dot(one.row, other.row) / lengths;
    }),
  );
  return { a, b, shares, sum, isCut };
}

/** @param {TokenRow[]} tokens */
function lengthOfSum(tokens) {
  if (tokens.length === 0) return 0;
  const sum = new Float64Array(tokens[0].row.length);
  for (const { row } of tokens) for (let d = 0; d < sum.length; d++) sum[d] += row[d];
  return Math.sqrt(dot(sum, sum));
}

/**
 * @param {ArrayLike<number>} a
 * @param {ArrayLike<number>} b
 */
export function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** @param {ArrayLike<number>} a */
export const lengthOf = (a) => Math.sqrt(dot(a, a));

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
export const cosineOf = (a, b) => dot(a, b) / (lengthOf(a) * lengthOf(b) || 1);
