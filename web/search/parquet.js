// Indexes as Parquet files: https://parquet.apache.org/docs/file-format, its structures in Thrift's compact protocol.
import { WembedError } from '../core/errors.js';
import { checkIndex, jsonOf } from './exports.js';
import { checkMeta } from './metas.js';
import { withRoom } from './growing.js';

/** @typedef {import('./exports.js').ExportedIndex} ExportedIndex */

/** Numbers of the format's `Type`. */
const TYPES = { int32: 1, int64: 2, float: 4, double: 5, string: 6 };
/** Numbers of the format's `FieldRepetitionType`. */
const [REQUIRED, OPTIONAL, REPEATED] = [0, 1, 2];
/** Numbers of the format's `ConvertedType`. */
const [UTF8, LIST] = [0, 3];
/** Of the format's `Encoding`: plain values, levels in runs. */
const [PLAIN, RUNS] = [0, 3];
/** Kinds of values in Thrift's compact protocol. */
const [I32, I64, BINARY, SEQUENCE, STRUCT] = [5, 6, 8, 9, 12];

/** Rows are written in groups of about so many bytes, each of which is in memory at once. */
const GROUP_BYTES = 2 ** 26;
const MOST_ROWS = 2 ** 16;

const encoder = new TextEncoder();
const MAGIC = encoder.encode('PAR1');

/** A field of a structure: its number, its kind, its value. @typedef {[id: number, kind: number, value: unknown]} ThriftField */

/** Bytes that grow. */
class Bytes {
  #bytes = new Uint8Array(1024);
  #length = 0;

  get bytes() {
    return this.#bytes.slice(0, this.#length);
  }
  get length() {
    return this.#length;
  }

  /** @param {ArrayLike<number>} bytes */
  add(bytes) {
    this.#bytes = withRoom(this.#bytes, this.#length + bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** @param {number} value as 32 bits */
  word(value) {
    this.add([value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24]);
  }

  /** @param {number} value 0 to 2^53: seven bits a byte, the lowest first */
  varint(value) {
    for (; value > 127; value = Math.floor(value / 128)) this.add([128 | (value % 128)]);
    this.add([value]);
  }

  /** @param {string} text */
  text(text) {
    const utf8 = encoder.encode(text);
    this.varint(utf8.length);
    this.add(utf8);
  }

  /**
   * @param {number} kind
   * @param {unknown} value number; string; [kind, values] of a sequence; fields of a structure
   */
  value(kind, value) {
    if (kind === I32 || kind === I64) return this.varint(2 * Number(value)); // none is negative
    if (kind === BINARY) return this.text(String(value));
    if (kind === STRUCT) return this.struct(/** @type {ThriftField[]} */ (value));
    const [of, values] = /** @type {[number, unknown[]]} */ (value);
    this.add([(Math.min(values.length, 15) << 4) | of]);
    if (values.length >= 15) this.varint(values.length);
    for (const each of values) this.value(of, each);
  }

  /** @param {ThriftField[]} fields in the order of their numbers; those whose value is undefined are left out */
  struct(fields) {
    let before = 0;
    for (const [id, kind, value] of fields) {
      if (value === undefined) continue;
      this.add([((id - before) << 4) | kind]);
      this.value(kind, value);
      before = id;
    }
    this.add([0]);
  }
}

/** Levels of 0 and 1, in runs. */
class Levels {
  #runs = new Bytes();
  #level = 0;
  #count = 0;

  /**
   * @param {number} level
   * @param {number} [count]
   */
  add(level, count = 1) {
    if (level !== this.#level) this.#end(level);
    this.#count += count;
  }

  /** @param {number} next */
  #end(next) {
    if (this.#count > 0) {
      this.#runs.varint(2 * this.#count);
      this.#runs.add([this.#level]);
    }
    [this.#level, this.#count] = [next, 0];
  }

  /** @param {Bytes} page */
  writeTo(page) {
    this.#end(0);
    page.word(this.#runs.length);
    page.add(this.#runs.bytes);
  }
}

/** A column of a group of rows. */
class Column {
  #values = new Bytes();
  #defined = new Levels();
  #repeated = new Levels();
  #count = 0;

  /**
   * @param {string} name
   * @param {keyof typeof TYPES} type
   * @param {number} [repetition] REPEATED: a list of numbers, none of them missing
   */
  constructor(name, type, repetition = OPTIONAL) {
    this.name = name;
    this.type = type;
    this.repetition = repetition;
  }

  get bytes() {
    return this.#values.length;
  }

  /** @param {Float32Array} list at least one number */
  addList(list) {
    this.#values.add(new Uint8Array(list.buffer, list.byteOffset, list.byteLength));
    this.#repeated.add(0);
    this.#repeated.add(1, list.length - 1);
    this.#defined.add(1, list.length);
    this.#count += list.length;
  }

  /** @param {string | number | undefined} value */
  add(value) {
    this.#count++;
    this.#defined.add(Number(value !== undefined));
    if (value === undefined) return;
    if (this.type === 'string') {
      const utf8 = encoder.encode(String(value));
      this.#values.word(utf8.length);
      return this.#values.add(utf8);
    }
    const number = Number(value);
    if (this.type === 'int32') return this.#values.word(number);
    const numbers = this.type === 'double' ? Float64Array.of(number) : BigInt64Array.of(BigInt(number));
    this.#values.add(new Uint8Array(numbers.buffer));
  }

  /** The path of its values in the schema. */
  get path() {
    return this.repetition === REPEATED ? [this.name, 'list', 'element'] : [this.name];
  }

  /** Of the file's schema. @returns {ThriftField[][]} */
  get schema() {
    const { name, repetition } = this;
    const type = TYPES[this.type];
    if (repetition !== REPEATED) return [element({ name, type, repetition, converted: this.#converted })];
    return [
      element({ name, repetition: REQUIRED, children: 1, converted: LIST }),
      element({ name: 'list', repetition, children: 1 }),
      element({ name: 'element', type, repetition: REQUIRED }),
    ];
  }

  get #converted() {
    return this.type === 'string' ? UTF8 : undefined;
  }

  /**
   * @param {number} offset of the page in the file
   * @returns {{ page: Uint8Array, fields: ThriftField[], size: number }} the page, and what the file says of it
   */
  finish(offset) {
    const body = new Bytes();
    if (this.repetition === REPEATED) this.#repeated.writeTo(body);
    if (this.repetition !== REQUIRED) this.#defined.writeTo(body);
    const size = body.length + this.#values.length;
    const page = new Bytes();
    page.struct([
      [1, I32, 0], // a data page
      [2, I32, size],
      [3, I32, size],
      [5, STRUCT, [this.#count, PLAIN, RUNS, RUNS].map((value, i) => [i + 1, I32, value])],
    ]);
    page.add(body.bytes);
    page.add(this.#values.bytes);
    /** @type {ThriftField[]} */
    const fields = [
      [1, I32, TYPES[this.type]],
      [2, SEQUENCE, [I32, [PLAIN, RUNS]]],
      [3, SEQUENCE, [BINARY, this.path]],
      [4, I32, 0], // not compressed
      [5, I64, this.#count],
      [6, I64, page.length],
      [7, I64, page.length],
      [9, I64, offset],
    ];
    const chunk = /** @type {ThriftField[]} */ ([
      [2, I64, offset],
      [3, STRUCT, fields],
    ]);
    return { page: page.bytes, fields: chunk, size: page.length };
  }
}

/**
 * @param {{ name: string, type?: number, repetition?: number, children?: number, converted?: number }} of
 * @returns {ThriftField[]}
 */
const element = ({ name, type, repetition, children, converted }) => [
  [1, I32, type],
  [3, I32, repetition],
  [4, BINARY, name],
  [5, I32, children],
  [6, I32, converted],
];

/**
 * An index as a Parquet file, which DuckDB, pandas, Spark and Polars read: a row for each vector, with the columns `id`,
 * `vector` (a list of float32), `text`, `meta` (JSON), and `begin` and `end` of passages. Ids are integers, numbers or texts:
 * all of one kind. Values are neither compressed nor encoded. Lone surrogates become U+FFFD.
 * @param {ExportedIndex} index a VectorIndex, which must not change before the last part is read
 * @returns {Generator<Uint8Array>} the parts of the file, in their order. Errors: `invalid_argument`
 * @example
 * for (const part of parquet(index)) file.write(part);
 */
export function* parquet(index) {
  checkIndex('parquet', index);
  const ids = index.ids();
  const type = typeOf(ids);
  /** @type {ThriftField[][]} */
  const groups = [];
  let [offset, total, columns, rows] = [MAGIC.length, 0, columnsOf(type), 0];
  yield MAGIC;
  for (const [i, id] of ids.entries()) {
    rows += addItem(columns, id, index.get(id));
    const bytes = columns.reduce((sum, column) => sum + column.bytes, 0);
    if (i < ids.length - 1 && rows < MOST_ROWS && bytes < GROUP_BYTES) continue;
    /** @type {ThriftField[][]} */
    const chunks = [];
    const first = offset;
    for (const column of columns) {
      const { page, fields, size } = column.finish(offset);
      yield page;
      offset += size;
      chunks.push(fields);
    }
    groups.push([
      [1, SEQUENCE, [STRUCT, chunks]],
      [2, I64, offset - first],
      [3, I64, rows],
    ]);
    total += rows;
    [columns, rows] = [columnsOf(type), 0];
  }
  const end = new Bytes();
  end.struct([
    [1, I32, 1],
    [
      2,
      SEQUENCE,
      [STRUCT, [element({ name: 'schema', children: columns.length }), ...columns.flatMap((c) => c.schema)]],
    ],
    [3, I64, total],
    [4, SEQUENCE, [STRUCT, groups]],
    [6, BINARY, 'wembed'],
  ]);
  end.word(end.length);
  end.add(MAGIC);
  yield end.bytes;
}

/** @param {keyof typeof TYPES} type of ids */
const columnsOf = (type) => [
  new Column('id', type, REQUIRED),
  new Column('vector', 'float', REPEATED),
  new Column('text', 'string'),
  new Column('meta', 'string'),
  new Column('begin', 'int32'),
  new Column('end', 'int32'),
];

/**
 * @param {(string | number)[]} ids
 * @returns {'int64' | 'double' | 'string'}
 */
function typeOf(ids) {
  if (ids.every((id) => typeof id === 'string')) return ids.length > 0 ? 'string' : 'int64';
  if (ids.every((id) => Number.isSafeInteger(id))) return 'int64';
  if (ids.every((id) => typeof id === 'number')) return 'double';
  throw new WembedError(
    'invalid_argument',
    'a column of a Parquet file has one type, but the ids are numbers and texts',
  );
}

/**
 * @param {Column[]} columns
 * @param {string | number} id
 * @param {ReturnType<ExportedIndex['get']>} item
 * @returns {number} its rows
 */
function addItem([ids, lists, texts, metas, begins, ends], id, { text, meta, vectors, passages }) {
  checkMeta(id, meta);
  const json = jsonOf(id, meta);
  for (let i = 0; i < vectors.rows; i++) {
    const span = passages?.[i];
    ids.add(id);
    lists.addList(vectors.row(i));
    texts.add(span ? text?.slice(span.begin, span.end) : text);
    metas.add(json);
    begins.add(span?.begin);
    ends.add(span?.end);
  }
  return vectors.rows;
}
