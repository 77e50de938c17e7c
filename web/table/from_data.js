import { count, integersOf, lengthOf, plainArray, tagOf, optionsOf } from '../core/arguments.js';
import { doublesOf, finite, finiteFloatsOf, fitsF32 } from '../core/numbers.js';
import { checkDtype } from '../core/dtypes.js';
import { WembedError, refuseRevoked, shown } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { widener } from './dequantize.js';
import { TableStorage, setTokens, startCore, writerOf } from './storage.js';

/** @typedef {import('../core/dtypes.js').Dtype} Dtype */

/** The numbers of a table, row after row: f32, the patterns of f16, or whole numbers with scales. @typedef {Float32Array | Uint16Array | Int8Array | Uint8Array | readonly number[]} TableData */

/**
 * What the numbers of a table are, and how it stores them.
 * @typedef {object} TableOptions
 * @property {number} rows the number of rows, 0 to 2^32 - 1
 * @property {number} dim numbers per row, 1 to 2^32 - 1
 * @property {Dtype} [dtype] how to store the numbers; default: the data's own dtype if tables have it. A Uint16Array is
 *   bf16 if `dtype` is 'bf16', otherwise f16
 * @property {ArrayLike<number> | number} [scale] for bytes: one per table (default 1), one per row, or one per block; a
 *   number is scale × (byte - zeroPoint)
 * @property {ArrayLike<number> | number} [zeroPoint] for bytes, one per scale; default 0
 * @property {readonly [rows: number, numbers: number]} [block] the size of the blocks that share a scale and a zero
 *   point; the last blocks may be smaller. Default: [1, dim]
 * @property {import('./dequantize.js').ByteFormat} [format] of the bytes; default: u8 for a Uint8Array, i8 for an
 *   Int8Array. Bytes other than i8 without zero points and blocks are stored as f32 unless `dtype` is given
 * @property {ArrayLike<number>} [tokenWeights] (vocab) the factor of each token's row, as in Model2Vec
 * @property {import('../core/arguments.js').IntegerArray} [tokenMapping] (vocab) each token's row; ids are then tokens
 */

const OPTIONS = [...['rows', 'dim', 'dtype', 'scale', 'zeroPoint', 'block', 'format', 'tokenWeights', 'tokenMapping']];

/**
 * @param {TableData} data
 * @param {TableOptions} options
 * @returns {Promise<TableStorage>}
 */
export async function storageOfData(data, options) {
  const known = optionsOf('EmbeddingTable.from', options, OPTIONS);
  await startCore();
  // No await from here on: checked values cannot change before they are copied.
  const plan = planOf(data, known);
  const storage = new TableStorage(plan.shape);
  try {
    plan.fill(storage);
    return storage;
  } catch (error) {
    storage.dispose();
    throw error;
  }
}

/**
 * Reads and checks everything, so that no memory is allocated for data that will be refused.
 * @param {TableData} data
 * @param {TableOptions} options
 * @returns {{ shape: import('./storage.js').TableShape, fill: (storage: TableStorage) => void }}
 */
function planOf(data, options) {
  const rows = count('rows', options.rows);
  const dim = count('dim', options.dim, { least: 1 });
  const tokens = tokensOf(options);
  const scale = scalesOf('scale', options.scale);
  const zeroPoint = scalesOf('zeroPoint', options.zeroPoint);
  const packed = isPacked(data, scale, { ...options, zeroPoint });
  const stored = packed ? 'f32' : dtypeOf(data, options.dtype);
  const dtype = checkDtype(options.dtype ?? stored);
  const values = valuesOf(data);
  if (lengthOf(values) !== rows * dim) {
    throw new WembedError('shape_mismatch', `data has ${lengthOf(values)} numbers, but rows × dim is ${rows} × ${dim}`);
  }
  const widen = packed
    ? widener(Array.isArray(data) ? data : values, { ...options, scale, zeroPoint, rows, dim })
    : undefined;
  if (!widen) checkScales(stored, rows, scale);
  const own = widen || stored !== dtype ? undefined : scale; // a scale that is stored unchanged
  const perRowScales = own === undefined ? stored !== dtype && dtype === 'i8' : typeof own !== 'number';
  return {
    shape: { ...{ rows, dim, dtype, perRowScales }, ...tokens.shape },
    fill(storage) {
      const write = writerOf(storage, stored, widen || typeof scale !== 'number' ? 1 : scale);
      if (widen) widen(write);
      else write(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      if (own !== undefined) storage.setScale(typeof own === 'number' ? own : Float32Array.from(own));
      setTokens(storage, tokens.values);
    },
  };
}

/** @param {TableOptions} options */
function tokensOf(options) {
  const { tokenWeights: factors, tokenMapping: map } = options;
  const tokenWeights = factors === undefined ? undefined : finiteFloatsOf('tokenWeights', factors);
  const tokenMapping = map === undefined ? undefined : integersOf('tokenMapping', map);
  const weights = tokenWeights && lengthOf(tokenWeights);
  const vocab = (tokenMapping && lengthOf(tokenMapping)) ?? weights ?? 0;
  if (weights !== undefined && weights !== vocab) {
    throw new WembedError('shape_mismatch', `${weights} tokenWeights for a tokenMapping of ${vocab}`);
  }
  return {
    values: { tokenWeights, tokenMapping },
    shape: { vocab, tokenWeights: !!tokenWeights, tokenMapping: !!tokenMapping },
  };
}

/**
 * @param {TableData} data
 * @returns {Exclude<TableData, readonly number[]>} a view, or a copy of a plain array
 */
function valuesOf(data) {
  refuseRevoked("a table's data", data);
  if (Array.isArray(data)) {
    return Float32Array.from(doublesOf('data', data), (value, i) => fitsF32(`data[${i}]`, value));
  }
  dtypeOf(data, undefined); // throws for anything else
  return plainArray(/** @type {Float32Array} */ (data));
}

/**
 * The dtype of an array's numbers; for 16-bit patterns it depends on the requested dtype.
 * @param {unknown} data
 * @param {Dtype | undefined} asked
 * @returns {Dtype}
 */
function dtypeOf(data, asked) {
  refuseRevoked("a table's data", data);
  const tag = Array.isArray(data) ? 'Float32Array' : tagOf(data);
  if (tag === 'Uint16Array') return asked === 'bf16' ? 'bf16' : 'f16';
  if (tag === 'Int8Array' || tag === 'Uint8Array') return 'i8';
  if (tag === 'Float32Array') return 'f32';
  const known = 'a Float32Array, Uint16Array, Int8Array, Uint8Array or an array of numbers';
  const got = data instanceof Matrix ? 'a Matrix: pass its data, matrix.data' : (tag ?? shown(data));
  throw new WembedError('invalid_argument', `a table's data must be ${known}, got ${got}`);
}

/**
 * @param {string} name
 * @param {ArrayLike<number> | number | undefined} given scales or zero points
 * @returns {Float64Array | number | undefined} none of them NaN, infinite or too large for f32
 */
function scalesOf(name, given) {
  const check = (/** @type {string} */ place, /** @type {number} */ value) => fitsF32(place, finite(place, value));
  if (given === undefined) return undefined;
  if (typeof given === 'number') return check(name, given);
  return Float64Array.from(doublesOf(name, given), (value, i) => check(`${name}[${i}]`, value));
}

/**
 * Whether the bytes must be converted: a format that tables do not store, or i8 with a scale per row and another target
 * dtype.
 * @param {unknown} data
 * @param {Float64Array | number | undefined} scale
 * @param {TableOptions} options
 */
function isPacked(data, scale, { format, zeroPoint, block, dtype = 'i8' }) {
  const tag = tagOf(data);
  const converted = tag === 'Int8Array' && typeof scale === 'object' && scale.length > 0 && dtype !== 'i8';
  return format !== undefined || !!zeroPoint || block !== undefined || tag === 'Uint8Array' || converted;
}

/**
 * @param {Dtype} dtype
 * @param {number} rows
 * @param {Float64Array | number | undefined} scale
 */
function checkScales(dtype, rows, scale) {
  if (scale === undefined) return;
  if (dtype !== 'i8') throw new WembedError('invalid_argument', `a table of ${dtype} takes no scale`);
  if (typeof scale !== 'number' && scale.length !== rows) {
    throw new WembedError('shape_mismatch', `${scale.length} scales for ${rows} rows`);
  }
}
