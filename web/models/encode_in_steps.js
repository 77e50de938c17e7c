/**
 * Encodes texts with a tokenizer that gives its ids to JavaScript.
 * @param {import('../table/table.js').EmbeddingTable} table
 * @param {import('../tokenizer/tokenizer.js').Tokenizer} tokenizer
 * @param {readonly string[]} texts
 * @param {import('./text_encoder.js').Pooling} pooling
 * @param {Float32Array} data (texts.length, dimensions): written, not yet normalized
 */
export function encodeInSteps(table, tokenizer, texts, { dimensions, mode, maxLength }, data) {
  const { ids, offsets } = tokenize(tokenizer, texts, maxLength);
  const pooled = table.bag(ids, offsets, { mode, into: dimensions === table.dim ? data : undefined });
  if (dimensions < table.dim) {
    for (let i = 0; i < texts.length; i++) data.set(pooled.row(i).subarray(0, dimensions), i * dimensions);
  }
}

/**
 * The ids of each text as Model2Vec takes them: cut to maxLength × the median token's length in code points, no special
 * tokens, no unknown ids, cut to maxLength ids.
 * @param {import('../tokenizer/tokenizer.js').Tokenizer} tokenizer
 * @param {readonly string[]} texts
 * @param {number} maxLength
 */
function tokenize(tokenizer, texts, maxLength) {
  /** @type {number[]} */
  const ids = [];
  const offsets = new Uint32Array(texts.length + 1);
  for (let i = 0; i < texts.length; i++) {
    const text = texts[i];
    // The median is worked out for the first long text only: no short one can be cut.
    const cut = text.length <= maxLength ? text : firstCodePoints(text, maxLength * tokenizer.medianTokenLength);
    let taken = 0;
    for (const id of tokenizer.encode(cut, { addSpecialTokens: false }).ids) {
      if (id === tokenizer.unkId) continue;
      if (taken++ === maxLength) break;
      ids.push(id);
    }
    offsets[i + 1] = ids.length;
  }
  return { ids: Uint32Array.from(ids), offsets };
}

/**
 * The code points of a text, at most `limit`, without splitting a pair.
 * @param {string} text
 * @param {number} limit
 */
function firstCodePoints(text, limit) {
  if (text.length <= limit) return text; // a string never has more code points than units
  let end = 0;
  for (let i = 0; i < limit && end < text.length; i++) {
    end += /** @type {number} */ (text.codePointAt(end)) > 0xffff ? 2 : 1;
  }
  return text.slice(0, end);
}
