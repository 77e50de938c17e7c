import { BYTES, FIXED32, VARINT, protobufFields } from '../../formats/protobuf.js';
import { WembedError } from '../../core/errors.js';
import { mergesByScore } from '../merge_ranks.js';
import { Added } from './class_settings.js';
import { ORDER, lazyModel, openLists } from './lazy_model.js';
import { SENTENCEPIECE_CLASSES, tokenizerOfClass } from './sentencepiece_classes.js';
import { charsmapSteps, decoderOf, normalizerOf, ownScores } from './sentencepiece_rules.js';
import { SpecialTokens, show, template, tokenFinder, tokenizerClass } from './special_tokens.js';

/** SentencePiece.Type */
export const [NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE] = [1, 2, 3, 4, 5, 6];
const [UNIGRAM, BPE] = [1, 2];

/** In units. All ways to cut a piece are tried: a file of endless ones would never be done. */
const MAX_PIECE = 512;
const MAX_PIECES = 2 ** 24;

/**
 * What a tokenizer.model says. (google/sentencepiece, sentencepiece_model.proto, with its defaults.)
 * @typedef {object} SentencePieceModel
 * @property {{ piece: string, score: number, type: number }[]} pieces made when they are read, where the text module reads
 *   them itself
 * @property {number} count pieces
 * @property {ArrayLike<number>} types of each piece
 * @property {ArrayLike<number>} scores of each piece
 * @property {(id: number) => string} pieceOf
 * @property {(piece: string) => number | undefined} idOf
 * @property {Uint8Array} file
 * @property {((order: number, parts?: ModelParts) => (lists: Lists) => boolean) | undefined} read fills the lists, in this order of
 *   BPE's merges; of another model, where its parts are given
 * @property {number} modelType
 * @property {number} unkId the unknown piece's, as the trainer's settings have it
 * @property {boolean} byteFallback
 * @property {boolean} whitespaceAsSuffix
 * @property {string} normalizer its name
 * @property {Uint8Array} charsmap empty where text is left as it is
 * @property {boolean} dummyPrefix
 * @property {boolean} removeExtraWhitespaces
 * @property {boolean} escapeWhitespaces
 */

/** @param {Uint8Array} bytes @returns {boolean} whether they begin as a tokenizer.model does: with a piece and its score */
export function beginsLikeSentencePiece(bytes) {
  return bytes[0] === 0x0a && bytes[2] === 0x0a && bytes[3] + 2 <= bytes[1] && bytes[4 + bytes[3]] === 0x15;
}

/**
 * The tokenizer.json that a SentencePiece model stands for: its ids are those of `SentencePieceProcessor.encode`, but
 * that control pieces are found in text, as transformers finds them.
 * @param {Uint8Array} bytes
 * @param {import('./special_tokens.js').TokenizerSettings} settings
 * @returns {Promise<object>}
 */
export async function tokenizerOfSentencePiece(bytes, settings) {
  const lists = await openLists((opened) => opened.readPieces(bytes));
  if (!lists) return tokenizerOfModel(parsedModel(bytes), settings);
  try {
    return tokenizerOfModel(listedModel(lists, bytes), settings);
  } finally {
    lists.free();
  }
}

/** @param {Uint8Array} bytes @returns {SentencePieceModel} */
function parsedModel(bytes) {
  const model = parseSentencePiece(bytes);
  const { pieces } = model;
  /** @type {Map<string, number> | undefined} */
  let ids;
  return {
    ...model,
    ...{ count: pieces.length, types: pieces.map(({ type }) => type), file: bytes, read: undefined },
    scores: pieces.map(({ score }) => score),
    pieceOf: (id) => pieces[id].piece,
    idOf: (piece) => (ids ??= new Map(pieces.map((each, id) => [each.piece, id]))).get(piece),
  };
}

/** @param {Lists} lists that have the pieces @param {Uint8Array} bytes @returns {SentencePieceModel} */
function listedModel(lists, bytes) {
  const { types } = lists;
  const settings = parseSettings(lists.rest, types.length, types.filter((type) => type === BYTE).length);
  /** @type {SentencePieceModel['pieces'] | undefined} */
  let pieces;
  return {
    ...settings,
    ...{ count: types.length, types, file: bytes },
    scores: /** @type {ArrayLike<number>} */ (lists.section.scores),
    ...{ pieceOf: (id) => lists.piece(id), idOf: (piece) => lists.idOf(piece) },
    get pieces() {
      return (pieces ??= parseSentencePiece(bytes).pieces);
    },
    read:
      (order, parts = () => [bytes]) =>
      (to) => {
        const all = parts();
        return all !== undefined && to.readPieces(...all) && (settings.modelType !== BPE || to.mergeBy(order));
      },
  };
}

/**
 * @param {SentencePieceModel} model
 * @param {import('./special_tokens.js').TokenizerSettings} settings
 * @returns {object}
 */
function tokenizerOfModel(model, settings) {
  const kind = classOf(settings);
  refuseWhatIsNotCovered(model, kind !== undefined);
  if (kind) return tokenizerOfClass(model, charsmapSteps(model), kind, settings, ownPieces(model));
  if (!model.read) vocabOf(model.pieces); // refuses a piece that is there twice
  return tokenizerOfItself(model, settings);
}

/**
 * By SentencePiece's own rules.
 * @param {SentencePieceModel} model
 * @param {import('./special_tokens.js').TokenizerSettings} settings
 * @returns {object}
 */
function tokenizerOfItself(model, settings) {
  const tokens = new SpecialTokens(settings, {});
  const { modelType, byteFallback } = model;
  // In Unigram a user-defined piece is one among others, of a high score.
  const own = piecesAdded(model).filter(({ special }) => special || modelType === BPE);
  const added = mergeAdded(own, tokens.list(model.idOf, model.count));
  const findToken = tokenFinder(added, model.idOf);
  const bos = tokens.flag('add_bos_token', false) ? findToken(tokens.content('bos_token')) : undefined;
  const eos = tokens.flag('add_eos_token', false) ? findToken(tokens.content('eos_token')) : undefined;
  const unkId = Array.prototype.indexOf.call(model.types, UNKNOWN);
  const shared = { version: '1.0', truncation: null, padding: null, added_tokens: added };
  return {
    ...shared,
    normalizer: normalizerOf(model),
    pre_tokenizer: null,
    post_processor: template(bos, eos, { between: 'after before' }),
    decoder: decoderOf(model),
    model:
      modelType === BPE
        ? lazyModel(
            {
              ...{ type: 'BPE', dropout: null, unk_token: model.pieceOf(unkId), fuse_unk: true },
              ...{ continuing_subword_prefix: null, end_of_word_suffix: null, byte_fallback: byteFallback },
              ignore_merges: false,
            },
            model.read?.(ORDER.normalScores),
            { vocab: () => vocabOf(model.pieces), merges: () => mergesOf(model) },
          )
        : lazyModel(
            { type: 'Unigram', unk_id: unkId, byte_fallback: byteFallback, scores: ownScores(model) },
            model.read?.(ORDER.normalScores),
            { vocab: () => model.pieces.map(({ piece, score }) => [piece, score]) },
          ),
  };
}

/** What sentencepiece refuses of the pieces, beside those that are there twice. @param {SentencePieceModel} model */
function checkPieces({ types, count, pieceOf }) {
  let unknown = 0;
  for (let id = 0; id < count; id++) {
    if (types[id] === UNKNOWN && ++unknown > 1) throw refusal(`piece ${id} is a second unknown one`);
    if (types[id] === BYTE && !/^<0x[\dA-F]{2}>$/.test(pieceOf(id)))
      throw refusal(`the byte piece ${id} is ${show(pieceOf(id))}`);
  }
  // Which it is its type says, as sentencepiece has it: the trainer's unk_id is not read.
  if (unknown === 0) throw refusal('no piece is the unknown one');
}

/** @param {SentencePieceModel} model @param {boolean} ofClass transformers' classes go by rules of their own */
function refuseWhatIsNotCovered(model, ofClass) {
  checkPieces(model);
  const { modelType, charsmap, normalizer, types } = model;
  const not = (/** @type {string} */ what) => {
    throw new WembedError('unsupported', `tokenizer.model: ${what} is not covered: it needs a tokenizer.json`);
  };
  if (modelType !== UNIGRAM && modelType !== BPE) not(`the model type ${modelType} (neither Unigram nor BPE)`);
  const unused = Array.prototype.includes.call(types, UNUSED);
  if (unused && (ofClass || modelType === BPE)) not('a vocabulary with unused pieces');
  if (!ofClass) return;
  if (charsmap.length && normalizer !== 'nmt_nfkc') not(`the normalization ${show(normalizer)} in a class`);
  if (model.whitespaceAsSuffix) not('white space as a suffix in a class');
  if (!model.escapeWhitespaces) not('white space that is not escaped in a class');
}

/**
 * @param {import('./special_tokens.js').TokenizerSettings} settings
 * @returns {import('./sentencepiece_classes.js').SentencePieceClass | undefined} undefined where no file says
 */
function classOf(settings) {
  const { named, type } = tokenizerClass(settings);
  if (!type) return undefined;
  const kind = SENTENCEPIECE_CLASSES.get(type);
  if (kind) return kind;
  const what = `the tokenizer.model of a ${named ?? type} may have other ids than its model`;
  const known = [...SENTENCEPIECE_CLASSES.keys()].join(', ');
  throw new WembedError('unsupported', `${what}: it needs a tokenizer.json (known: ${known})`);
}

/** @param {number} id @param {string} content @param {boolean} special @param {boolean} normalized */
const addedToken = (id, content, special, normalized) => ({
  ...{ id, content, special, normalized, lstrip: false, rstrip: false, single_word: false },
});

/** User-defined pieces are found in the normalized text, in which spaces are ▁. @param {SentencePieceModel} model */
function piecesAdded({ count, types, pieceOf }) {
  const added = [];
  for (let id = 0; id < count; id++) {
    const special = types[id] === CONTROL || types[id] === UNKNOWN;
    if (special || types[id] === USER_DEFINED) added.push(addedToken(id, pieceOf(id), special, !special));
  }
  return added;
}

/** Those that transformers' classes take for special and added tokens. @param {SentencePieceModel} model */
const ownPieces = (model) =>
  piecesAdded(model)
    .filter(({ id }) => model.types[id] !== UNKNOWN)
    .map(({ content, special }) => new Added({ content, special, normalized: false }));

/**
 * By id; what later lists say of a token counts.
 * @param {...import('./special_tokens.js').AddedToken[]} lists
 */
function mergeAdded(...lists) {
  const byId = new Map(lists.flat().map((token) => [token.id, token]));
  return [...byId.values()].sort((a, b) => a.id - b.id);
}

/** @param {SentencePieceModel['pieces']} pieces */
function vocabOf(pieces) {
  /** @type {Record<string, number>} */
  const vocab = Object.create(null);
  pieces.forEach(({ piece }, id) => {
    if (piece in vocab) {
      throw new WembedError(
        'bad_file',
        `tokenizer.model: the pieces ${vocab[piece]} and ${id} are both ${show(piece)}`,
      );
    }
    vocab[piece] = id;
  });
  return vocab;
}

/** @param {SentencePieceModel} model */
const mergesOf = ({ pieces, scores }) =>
  mergesByScore(new Map(pieces.flatMap(({ piece, type }, id) => (type === NORMAL ? [[piece, id]] : []))), scores);

/** @typedef {import('../lists.js').Lists} Lists */
/** @typedef {() => Uint8Array[] | undefined} ModelParts */
/** @typedef {Omit<SentencePieceModel, 'pieces' | 'count' | 'types' | 'scores' | 'pieceOf' | 'idOf' | 'file' | 'read'>} ModelSettings */

/**
 * Reads and checks the protobuf message.
 * @param {Uint8Array} bytes
 * @returns {ModelSettings & Pick<SentencePieceModel, 'pieces'>}
 */
export function parseSentencePiece(bytes) {
  /** @type {SentencePieceModel['pieces']} */
  const pieces = [];
  for (const field of fields(bytes)) {
    if (field.number === 1) pieces.push(parsePiece(message(field), pieces.length));
    if (pieces.length > MAX_PIECES) throw refusal(`more than ${MAX_PIECES} pieces`);
  }
  return { ...parseSettings(bytes, pieces.length, pieces.filter(({ type }) => type === BYTE).length), pieces };
}

/**
 * What stands beside the pieces.
 * @param {Uint8Array} bytes
 * @param {number} count pieces
 * @param {number} byteCount those that stand for a byte
 * @returns {ModelSettings}
 */
function parseSettings(bytes, count, byteCount) {
  const model = {
    ...{ modelType: UNIGRAM, unkId: 0, byteFallback: false, whitespaceAsSuffix: false, normalizer: '' },
    ...{ charsmap: new Uint8Array(0), dummyPrefix: true, removeExtraWhitespaces: true, escapeWhitespaces: true },
  };
  for (const field of fields(bytes)) {
    if (field.number === 2) readTrainer(message(field), model);
    else if (field.number === 3) readNormalizer(message(field), model);
  }
  if (count === 0) throw refusal('it holds no pieces');
  if (model.byteFallback && byteCount !== 256) {
    throw refusal('byte_fallback without 256 byte pieces');
  }
  // A file that is cut after a piece has lost what says so.
  if (!model.byteFallback && byteCount > 0) throw refusal('byte pieces without byte_fallback');
  return model;
}

/** @param {string} what */
const refusal = (what) => new WembedError('bad_file', `tokenizer.model is not a valid SentencePiece model: ${what}`);

/** @param {Uint8Array} bytes @param {number} id */
function parsePiece(bytes, id) {
  const found = { piece: '', score: 0, type: NORMAL };
  for (const field of fields(bytes)) {
    if (field.number === 1) found.piece = string(field);
    else if (field.number === 2) found.score = float(field);
    else if (field.number === 3) found.type = integer(field);
  }
  const { piece, score, type } = found;
  if (piece === '' || piece.length > MAX_PIECE) throw refusal(`piece ${id} has ${piece.length} characters`);
  if (!Number.isFinite(score) || type < NORMAL || type > BYTE) {
    throw refusal(`piece ${id} ${show(piece)} has the score ${score} and the type ${type}`);
  }
  return found;
}

/** @param {Uint8Array} bytes @param {ModelSettings} model */
function readTrainer(bytes, model) {
  for (const field of fields(bytes)) {
    if (field.number === 3) model.modelType = integer(field);
    else if (field.number === 24) model.whitespaceAsSuffix = integer(field) !== 0;
    else if (field.number === 35) model.byteFallback = integer(field) !== 0;
    else if (field.number === 40) model.unkId = integer(field);
  }
}

/** @param {Uint8Array} bytes @param {ModelSettings} model */
function readNormalizer(bytes, model) {
  for (const field of fields(bytes)) {
    if (field.number === 1) model.normalizer = string(field);
    else if (field.number === 2) model.charsmap = message(field);
    else if (field.number === 3) model.dummyPrefix = integer(field) !== 0;
    else if (field.number === 4) model.removeExtraWhitespaces = integer(field) !== 0;
    else if (field.number === 5) model.escapeWhitespaces = integer(field) !== 0;
  }
}

/** @typedef {import('../../formats/protobuf.js').ProtobufField} ProtobufField */

/** @param {Uint8Array} message */
const fields = (message) => protobufFields(message, refusal);

/** @param {ProtobufField} field @param {number} wire */
function expect({ number, wire: found }, wire) {
  if (found !== wire) throw refusal(`field ${number} has the wire type ${found}, not ${wire}`);
}

/** @param {ProtobufField} field */
function message(field) {
  expect(field, BYTES);
  return field.bytes;
}

/** @param {ProtobufField} field */
function string(field) {
  expect(field, BYTES);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(field.bytes);
  } catch {
    throw refusal('a string that is not UTF-8');
  }
}

/** @param {ProtobufField} field @returns {number} an int32: negative ones come as 64-bit numbers */
function integer(field) {
  expect(field, VARINT);
  return field.value >= 2 ** 63 ? -1 : field.value;
}

/** @param {ProtobufField} field */
function float(field) {
  expect(field, FIXED32);
  return new DataView(field.bytes.buffer, field.bytes.byteOffset, 4).getFloat32(0, true);
}
