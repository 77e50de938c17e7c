import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** @type {Record<string, string>} */
const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
};

/**
 * One request as it came in.
 * @typedef {{ method: string, path: string, range: string | undefined }} SeenRequest
 */

/**
 * Serves the files under a folder on 127.0.0.1, at a free port, with byte ranges.
 * @param {string} root
 * @param {{ headers?: Record<string, string> }} [options] headers to add to every answer
 * @returns {Promise<{ url: string, requests: SeenRequest[], close: () => Promise<void> }>} `url` ends without a slash
 */
export async function serve(root, { headers = {} } = {}) {
  /** @type {SeenRequest[]} */
  const requests = [];
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    requests.push({ method: request.method ?? '', path, range: request.headers.range });
    const file = normalize(join(root, path.endsWith('/') ? `${path}index.html` : path));
    const info = file.startsWith(normalize(root + sep)) ? await stat(file).catch(() => null) : null;
    if (!info?.isFile()) return response.writeHead(404, headers).end('Not found');

    const range = parseRange(request.headers.range, info.size);
    if (range === 'unsatisfiable') {
      return response.writeHead(416, { ...headers, 'Content-Range': `bytes */${info.size}` }).end();
    }
    const { start, end } = range ?? { start: 0, end: info.size };
    response.writeHead(range ? 206 : 200, {
      ...headers,
      'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
      'Content-Length': end - start,
      'Accept-Ranges': 'bytes',
      ...(range && { 'Content-Range': `bytes ${start}-${end - 1}/${info.size}` }),
    });
    if (request.method === 'HEAD' || end === start) return response.end();
    // A client that goes away half-way is no fault of the server's.
    await pipeline(createReadStream(file, { start, end: end - 1 }), response).catch(() => {});
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * @param {string | undefined} header
 * @param {number} size
 * @returns {{ start: number, end: number } | 'unsatisfiable' | undefined} `end` is one past the last byte
 */
function parseRange(header, size) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (!match[1] && !match[2])) return undefined;
  const [first, last] = [match[1], match[2]].map((digits) => (digits ? Number(digits) : undefined));
  if (first === undefined) return last ? { start: Math.max(0, size - last), end: size } : 'unsatisfiable';
  if (first >= size || (last !== undefined && last < first)) return 'unsatisfiable';
  return { start: first, end: Math.min(size, (last ?? size) + 1) };
}

/**
 * How an answer differs from the correct one.
 * @typedef {object} Lie
 * @property {number} [status] with an empty body unless `body` is given
 * @property {Record<string, string | number>} [headers] replacing the correct ones
 * @property {string | Uint8Array} [body]
 * @property {boolean} [ignoreRange] the whole file, as a server without ranges answers
 * @property {number} [shift] the range begins this many bytes later than requested
 * @property {number} [cut] the connection breaks after this many bytes of the body
 * @property {number} [until] the body ends after this many bytes, as if it were complete
 * @property {boolean} [hang] the headers come, the body never does
 * @property {boolean} [silent] not even the headers come
 * @property {number} [delay] milliseconds before the answer
 */

/**
 * One request and what was sent for it.
 * @typedef {SeenRequest & { headers: import('node:http').IncomingHttpHeaders, sent: number }} Exchange
 */

/**
 * A file generated on request, too large to hold in memory.
 * @typedef {{ length: number, etag: string, subarray: (start: number, end: number) => Uint8Array }} VirtualFile
 */

/** @typedef {Uint8Array | string | VirtualFile} Content */

/**
 * Serves files from memory at a free port of 127.0.0.1, with ranges and an ETag. Counts requests and bytes, and gives
 * wrong answers on request.
 * @param {Map<string, Content>} files by name
 * @param {{ headers?: Record<string, string> }} [options] headers to add to every answer
 */
export async function serveFiles(files, { headers = {} } = {}) {
  /** @type {Exchange[]} */
  const requests = [];
  const state = {
    url: '',
    files,
    requests,
    /** Requests under way, and the most there ever were. */
    running: 0,
    most: 0,
    /** @type {(exchange: Exchange, n: number) => Lie | undefined | void} asked at each request, the n-th from 0 */
    lie: () => undefined,
    /** @param {string} [path] */
    bytes: (path) => requests.reduce((sum, each) => sum + (!path || each.path === path ? each.sent : 0), 0),
    close: () => Promise.resolve(),
  };
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname).slice(1);
    const { method = '', headers: asked } = request;
    /** @type {Exchange} */
    const exchange = { method, path, range: asked.range, headers: asked, sent: 0 };
    requests.push(exchange);
    state.most = Math.max(state.most, ++state.running);
    response.on('close', () => state.running--);
    const lie = state.lie(exchange, requests.length - 1) ?? {};
    if (lie.delay) await new Promise((resolve) => setTimeout(resolve, lie.delay));
    if (!lie.silent) answer(exchange, response, state.files.get(path), lie, headers);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  state.url = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}/`;
  state.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return state;
}

/**
 * @param {Exchange} exchange
 * @param {import('node:http').ServerResponse} response
 * @param {Content | undefined} content
 * @param {Lie} lie
 * @param {Record<string, string>} headers
 */
function answer(exchange, response, content, lie, headers) {
  const given = { ...headers, ...lie.headers };
  if (lie.status !== undefined || content === undefined) {
    response.writeHead(lie.status ?? 404, given).end(lie.body);
    return;
  }
  const whole = lie.body ?? content;
  const bytes = typeof whole === 'string' || whole instanceof Uint8Array ? Buffer.from(whole) : whole;
  const asked = lie.ignoreRange ? undefined : parseRange(exchange.range, bytes.length);
  if (asked === 'unsatisfiable') {
    response.writeHead(416, { ...given, 'Content-Range': `bytes */${bytes.length}` }).end();
    return;
  }
  const etag = 'etag' in bytes ? bytes.etag : `"${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}"`;
  const known = given.ETag ?? etag;
  if (known && exchange.headers['if-none-match'] === known) {
    response.writeHead(304, { ...given, ETag: known }).end();
    return;
  }
  const start = (asked?.start ?? 0) + (lie.shift ?? 0);
  const end = asked?.end ?? bytes.length;
  const body = bytes.subarray(start, Math.min(end, start + (lie.until ?? Infinity)));
  response.writeHead(asked ? 206 : 200, {
    'Content-Type': 'application/octet-stream',
    'Content-Length': body.length,
    ETag: etag,
    ...(!lie.ignoreRange && { 'Accept-Ranges': 'bytes' }),
    ...(asked && { 'Content-Range': `bytes ${start}-${end - 1}/${bytes.length}` }),
    ...given,
  });
  if (lie.hang) {
    response.flushHeaders();
  } else if (lie.cut !== undefined) {
    exchange.sent = Math.min(lie.cut, body.length);
    response.write(body.subarray(0, lie.cut), () => setTimeout(() => response.destroy(), 5));
  } else {
    exchange.sent = body.length;
    response.end(body);
  }
}

/**
 * A random wrong answer. Each can be detected: none changes a body without another sign.
 * @param {(below: number) => number} random
 * @param {number} length of the file
 * @returns {Lie}
 */
export function randomLie(random, length) {
  const numbers = [0, 1, 99, 4000, 100_000, length - 1, length, length + 1, 2 ** 53];
  const number = () => numbers[random(numbers.length)];
  const some = (/** @type {any[]} */ ...values) => values[random(values.length)];
  const range = () => some(`bytes ${number()}-${number()}/${number()}`, `bytes ${number()}-`, '*/*', '');
  /** @type {(() => Lie)[]} */
  const lies = [
    () => ({ shift: some(-1, 0, 1) }),
    () => ({ cut: number() }),
    () => ({ until: number() }),
    () => ({ ignoreRange: true }),
    () => ({ headers: { 'Content-Range': range() } }),
    () => ({ headers: { 'Content-Length': number() } }),
    () => ({ headers: { ETag: some('', '"x"', 'W/"y"', 'z') } }),
    () => ({ headers: { 'Content-Encoding': some('identity', 'gzip', 'br') } }),
    () => ({ headers: { 'Last-Modified': some('', 'now', new Date(1e12).toUTCString()) } }),
    () => ({ status: some(204, 206, 304, 404, 410, 416, 429, 503) }),
    () => ({ status: some(301, 302, 308), headers: { Location: some('', '/', 'x', '//', 'model.safetensors') } }),
  ];
  return lies[random(lies.length)]();
}
