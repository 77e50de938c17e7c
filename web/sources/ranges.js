// What a response says about its bytes, and whether they are the requested ones. (RFC 9110, 14)
import { WembedError } from '../core/errors.js';
import { publicUrl } from './request.js';

/** Types that servers compress: then Content-Length, if visible, does not count the bytes that arrive. */
const COMPRESSIBLE = /^(text\/|application\/(json|javascript|xml|.*\+json|.*\+xml))/i;

/** @typedef {{ start: number, end: number, size: number | undefined }} ContentRange `end` is one past the last byte */

/**
 * The range of a partial response; undefined if the browser hides it.
 * @param {import('./request.js').Answer} answer
 * @returns {ContentRange | undefined}
 */
export function contentRange({ response, url }) {
  const header = response.headers.get('content-range');
  const encoding = response.headers.get('content-encoding') ?? 'identity';
  if (encoding !== 'identity') throw badAnswer(url, `answered a range in Content-Encoding: ${encoding}`);
  if (header === null && response.type === 'cors') return undefined;
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(header?.trim() ?? '');
  if (!match) throw badAnswer(url, `answered a range with Content-Range: ${header}`);
  const size = match[3] === '*' ? undefined : Number(match[3]);
  return { start: Number(match[1]), end: Number(match[2]) + 1, size };
}

/**
 * A response may be shorter than the requested range, but not differ otherwise.
 * @param {ContentRange | undefined} range
 * @param {{ start: number, end: number }} asked
 * @param {string} url
 */
export function checkRange(range, asked, url) {
  if (!range) return;
  const { start, end, size = Infinity } = range;
  if (start === asked.start && end > start && end <= Math.min(asked.end, size)) return;
  const what = `bytes ${asked.start}-${asked.end === Infinity ? '' : asked.end - 1}`;
  throw badAnswer(url, `was asked for ${what} and answered ${start}-${end - 1} of ${size}`);
}

/**
 * @param {AsyncGenerator<Uint8Array>} chunks
 * @param {number} start
 * @param {number} end more bytes than this are an error
 * @param {string} url
 */
export async function* limited(chunks, start, end, url) {
  let at = start;
  for await (const bytes of chunks) {
    at += bytes.length;
    if (at > end) throw badAnswer(url, `sent more than the bytes ${start}-${end - 1} it announced`);
    yield bytes;
  }
}

/**
 * @param {import('./shared_fetch.js').SharedResponse} response to a request without a range
 * @returns {number | undefined}
 */
export function wholeLength({ headers, type }) {
  const length = headers.get('content-length');
  if (length === null || headers.get('content-encoding')) return undefined;
  // For another origin, a browser shows Content-Length, but not whether it counts compressed bytes.
  if (type === 'cors' && COMPRESSIBLE.test(headers.get('content-type') ?? '')) return undefined;
  return Number(length);
}

/** @param {string} url @param {string} what */
const badAnswer = (url, what) =>
  new WembedError('bad_file', `${publicUrl(url)} ${what}`, { url: publicUrl(url), reason: 'wrong_answer' });
