import { EmbeddingTable } from '../../index.js';
import { pause } from './timing.js';
import { lengthOf } from './pairs.js';

const STEP = 1200; // rows between two pauses

/** @type {WeakMap<object, Promise<EmbeddingTable>>} */
const made = new WeakMap();

/**
 * A layer's table with every row made of length 1, so that products with a row of length 1 are cosines. `table.nearest`
 * then finds neighbours in less than a millisecond. Made once: sections share it.
 * @param {import('../../index.js').EmbeddingLayer} layer
 * @returns {Promise<EmbeddingTable>}
 */
export function unitTable(layer) {
  const known = made.get(layer);
  if (known) return known;
  const making = makeUnitTable(layer);
  made.set(layer, making);
  making.catch(() => made.delete(layer));
  return making;
}

/**
 * Pauses, so that the page stays quick.
 * @param {import('../../index.js').EmbeddingLayer} layer
 */
async function makeUnitTable(layer) {
  const { rows, dim } = layer.table;
  const data = new Float32Array(rows * dim);
  for (let from = 0; from < rows; from += STEP) {
    const some = layer.table.lookup(Uint32Array.from({ length: Math.min(STEP, rows - from) }, (_, i) => from + i));
    for (let i = 0; i < some.rows; i++) {
      const row = some.row(i);
      const length = lengthOf(row) || 1;
      for (let d = 0; d < dim; d++) data[(from + i) * dim + d] = row[d] / length;
    }
    await pause();
  }
  return EmbeddingTable.from(data, { rows, dim });
}
