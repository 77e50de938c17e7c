// A server without a network: a `fetch` that answers from memory, and wrongly on request. Thousands of answers a second.
import { createHash } from 'node:crypto';

/** @typedef {import('./server.js').Lie} Lie */

/**
 * @param {Map<string, Uint8Array>} files by name
 * @param {(range: string | null) => Lie | undefined} lieOf asked at each request
 * @returns {(url: string | URL | Request, init?: RequestInit) => Promise<Response>}
 */
export function lyingFetch(files, lieOf) {
  const etags = new Map(
    [...files].map(([name, bytes]) => [name, `"${createHash('sha256').update(bytes).digest('hex')}"`]),
  );
  return async (url, init = {}) => {
    const name = new URL(String(url)).pathname.slice(1);
    const asked = new Headers(init.headers);
    const lie = lieOf(asked.get('range')) ?? {};
    return answer(files.get(name), etags.get(name) ?? '', asked, lie);
  };
}

/**
 * @param {Uint8Array | undefined} bytes
 * @param {string} etag
 * @param {Headers} asked
 * @param {Lie} lie
 */
function answer(bytes, etag, asked, lie) {
  const headers = (/** @type {Record<string, string | number>} */ own = {}) =>
    new Headers(Object.entries({ ...own, ...lie.headers }).map(([name, value]) => [name, String(value)]));
  if (lie.status !== undefined || !bytes) return new Response(null, { status: lie.status ?? 404, headers: headers() });
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec((!lie.ignoreRange && asked.get('range')) || '') ?? [];
  if (first !== undefined && Number(first) >= bytes.length) {
    return new Response(null, { status: 416, headers: headers({ 'Content-Range': `bytes */${bytes.length}` }) });
  }
  const known = String(lie.headers?.ETag ?? etag);
  if (known && asked.get('if-none-match') === known)
    return new Response(null, { status: 304, headers: headers({ ETag: known }) });
  const start = Math.max(0, Number(first ?? 0) + (lie.shift ?? 0));
  const end = Math.min(bytes.length, last ? Number(last) + 1 : bytes.length);
  const body = bytes.subarray(start, Math.min(end, start + (lie.until ?? Infinity)));
  const own = {
    ...{ 'Content-Type': 'application/octet-stream', 'Content-Length': body.length, ETag: etag },
    ...(!lie.ignoreRange && { 'Accept-Ranges': 'bytes' }),
    ...(first !== undefined && { 'Content-Range': `bytes ${start}-${end - 1}/${bytes.length}` }),
  };
  return new Response(streamOf(body, lie.cut), { status: first === undefined ? 200 : 206, headers: headers(own) });
}

/** @param {Uint8Array} body @param {number | undefined} cut after how many bytes the connection breaks */
function streamOf(body, cut) {
  return new ReadableStream({
    start(controller) {
      const sent = body.slice(0, cut);
      if (sent.length > 0) controller.enqueue(sent);
      if (cut === undefined) controller.close();
      else controller.error(new TypeError('terminated'));
    },
  });
}
