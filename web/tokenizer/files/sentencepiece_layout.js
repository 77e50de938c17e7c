/** Where a class's own pieces stand among a SentencePiece model's: as JavaScript's lists, or in the model's bytes. */
import { WembedError } from '../../core/errors.js';
import { protobufFields } from '../../formats/protobuf.js';

/** @typedef {import('./sentencepiece.js').SentencePieceModel} SentencePieceModel */
/** @typedef {[piece: string, score: number]} Scored */

/**
 * @typedef {object} Layout
 * @property {Scored[]} [first] before the model's pieces
 * @property {number} [skip] of the model's, at its beginning, which are left out
 * @property {boolean} [once] those of the model's that `first` has are left out
 * @property {Scored[]} [last] after the model's pieces
 */

/**
 * @typedef {object} LaidOut
 * @property {number} size
 * @property {(content: string) => number | undefined} idOf
 * @property {(id: number) => number} scoreOf
 * @property {() => Scored[]} scored
 * @property {(() => Uint8Array[] | undefined) | undefined} parts of a model with these pieces; none where JavaScript has
 *   to make them
 */

const TWICE = 'tokenizer.model: a piece is there twice';

/**
 * @param {SentencePieceModel} model
 * @param {Layout} layout
 * @returns {LaidOut}
 */
export function laidOut(model, layout) {
  const { first = [], skip = 0, once = false, last = [] } = layout;
  if (once) refuseMoved(model, first);
  const taken = new Set(once ? first.map(([piece]) => piece) : []);
  const scored = () => {
    const own = model.pieces.map(({ piece, score }) => /** @type {Scored} */ ([piece, score])).slice(skip);
    return [...first, ...(once ? own.filter(([piece]) => !taken.has(piece)) : own), ...last];
  };
  if (model.read) return inBytes(model, layout, scored);
  const all = scored();
  const ids = new Map(all.map(([piece], id) => [piece, id]));
  if (ids.size < all.length) throw new WembedError('bad_file', TWICE);
  const scoreOf = (/** @type {number} */ id) => all[id][1];
  return { size: ids.size, idOf: (content) => ids.get(content), scoreOf, scored, parts: undefined };
}

/** SentencePiece.Type: what no text is cut into. */
const NOT_IN_TEXT = [2, 3];

/**
 * transformers merges by the pieces that BPE's model has, in their order there: what comes first must be no part of that.
 * @param {SentencePieceModel} model
 * @param {Scored[]} first
 */
function refuseMoved({ idOf, types }, first) {
  for (const [piece] of first) {
    const id = idOf(piece);
    const isText = id === undefined ? isMerged(piece, idOf) : !NOT_IN_TEXT.includes(types[id]);
    if (!isText) continue;
    const what = `the special token ${JSON.stringify(piece)}, which is a piece of texts, too,`;
    throw new WembedError('unsupported', `tokenizer.model: ${what} is not covered: it needs a tokenizer.json`);
  }
}

/** @param {string} piece @param {SentencePieceModel['idOf']} idOf @returns {boolean} whether BPE may come upon it */
function isMerged(piece, idOf) {
  const has = (/** @type {string} */ part) => idOf(part) !== undefined;
  for (let cut = 1; cut < piece.length; cut++) if (has(piece.slice(0, cut)) && has(piece.slice(cut))) return true;
  return [...piece].length === 1;
}

/**
 * No piece of the model's is there twice, or the text module would not have read it.
 * @param {SentencePieceModel} model
 * @param {Layout} layout
 * @param {() => Scored[]} scored
 * @returns {LaidOut}
 */
function inBytes(model, { first = [], skip = 0, once = false, last = [] }, scored) {
  const dropped = new Set(Array.from({ length: Math.min(skip, model.count) }, (_, id) => id));
  for (const [piece] of once ? first : []) {
    const id = model.idOf(piece);
    if (id !== undefined) dropped.add(id);
  }
  const size = first.length + model.count - dropped.size + last.length;
  const lastAt = size - last.length;
  /** @param {number | undefined} id of the model's */
  const moved = (id) => {
    if (id === undefined || dropped.has(id)) return undefined;
    let before = 0;
    for (const each of dropped) before += Number(each < id);
    return first.length + id - before;
  };
  const own = new Map(
    [...first.entries(), ...last.entries()].map(([i, [piece]], k) => [piece, k < first.length ? i : lastAt + i]),
  );
  const twice =
    own.size < first.length + last.length || [...own.keys()].some((piece) => moved(model.idOf(piece)) !== undefined);
  if (twice) throw new WembedError('bad_file', TWICE);
  const idOf = (/** @type {string} */ content) => own.get(content) ?? moved(model.idOf(content));
  /** @param {number} id */
  const scoreOf = (id) => {
    if (id < first.length) return first[id][1];
    if (id >= lastAt) return last[id - lastAt][1];
    let own = id - first.length;
    for (const each of [...dropped].sort((a, b) => a - b)) own += Number(each <= own);
    return model.scores[own];
  };
  return { size, idOf, scoreOf, scored, parts: () => partsOf(model.file, first, dropped, last) };
}

/**
 * @param {Uint8Array} file
 * @param {Scored[]} first
 * @param {Set<number>} dropped ids of pieces
 * @param {Scored[]} last
 * @returns {Uint8Array[] | undefined} undefined where a piece cannot be written
 */
function partsOf(file, first, dropped, last) {
  if ([...first, ...last].some(([piece]) => /\p{Surrogate}/u.test(piece))) return undefined;
  const parts = [written(first)];
  let [from, end, id, left] = [0, 0, 0, dropped.size];
  for (const field of left ? protobufFields(file, Error) : []) {
    if (field.number === 1 && dropped.has(id++)) {
      parts.push(file.subarray(from, end));
      from = field.end;
      if (--left === 0) break;
    }
    end = field.end;
  }
  return [...parts, file.subarray(from), written(last)];
}

/** @param {Scored[]} pieces @returns {Uint8Array} as a model has them */
function written(pieces) {
  const encoder = new TextEncoder();
  /** @type {number[]} */
  const bytes = [];
  const size = (/** @type {number} */ n) => (n < 128 ? [n] : [(n & 127) | 128, n >>> 7]);
  for (const [piece, score] of pieces) {
    const utf8 = encoder.encode(piece.slice(0, 1024)); // longer ones are refused as they are
    const inner = [0x0a, ...size(utf8.length), ...utf8, 0x15, ...new Uint8Array(Float32Array.of(score).buffer)];
    bytes.push(0x0a, ...size(inner.length), ...inner);
  }
  return Uint8Array.from(bytes);
}
