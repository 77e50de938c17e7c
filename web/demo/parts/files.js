import { bytes } from './words.js';

const MOST = 50e6;

/** How files begin that are often taken for others. @type {[string, string][]} */
const KINDS = [
  ['%PDF', 'a PDF'],
  ['PK\x03\x04', 'a zip archive or an office document'],
  ['\x1f\x8b', 'a compressed file'],
  ['\x89PNG', 'a picture'],
  ['\xff\xd8\xff', 'a picture'],
  ['GIF8', 'a picture'],
  ['<!doctype html', 'a web page'],
  ['<html', 'a web page'],
];

/**
 * What a file is that no model or tokenizer is; or nothing.
 * @param {File} file
 * @returns {Promise<string>}
 */
async function strangeKind(file) {
  if (file.size === 0) return 'empty';
  const begin = String.fromCharCode(...new Uint8Array(await file.slice(0, 64).arrayBuffer())).trimStart();
  return KINDS.find(([start]) => begin.slice(0, start.length).toLowerCase() === start.toLowerCase())?.[1] ?? '';
}

/**
 * Throws in words where a file is not what is wanted, as its first bytes show.
 * @param {File} file
 * @param {string} wanted
 */
export async function mustNotBeStrange(file, wanted) {
  const kind = await strangeKind(file).catch(() => {
    throw new Error(`“${file.name}” could not be read: it was moved, or is a folder.`);
  });
  if (kind === 'empty') throw new Error(`“${file.name}” is empty.`);
  if (kind) throw new Error(`“${file.name}” is ${kind}. Here belongs ${wanted}.`);
}

/**
 * A visitor's file as text. Throws in words where it is none.
 * @param {File} file
 * @returns {Promise<{ text: string, note: string }>} the note says what was wrong with it, empty where nothing was
 */
export async function readText(file) {
  const name = `“${file.name}”`;
  if (file.size === 0) throw new Error(`${name} is empty.`);
  if (file.size > MOST)
    throw new Error(`${name} has ${bytes(file.size)}; this page reads texts of up to ${bytes(MOST)}.`);
  /** @type {Uint8Array} */
  let content;
  try {
    content = new Uint8Array(await file.arrayBuffer());
  } catch {
    throw new Error(`${name} could not be read: it was moved, or is a folder.`);
  }
  const begin = new TextDecoder('latin1').decode(content.subarray(0, 8));
  if (begin.startsWith('%PDF')) throw new Error(`${name} is a PDF. This page reads plain text: save it as text first.`);
  if (begin.startsWith('PK')) throw new Error(`${name} is a zip archive or an office document, not plain text.`);
  if (begin.startsWith('ÿþ') || begin.startsWith('þÿ')) {
    const label = begin.startsWith('ÿþ') ? 'utf-16le' : 'utf-16be';
    return { text: new TextDecoder(label).decode(content), note: '' };
  }
  if (content.subarray(0, 4096).includes(0)) throw new Error(`${name} is not a text: it has bytes that no text has.`);
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(content), note: '' };
  } catch {
    const text = new TextDecoder().decode(content);
    return { text, note: `${name} is not valid UTF-8: what could not be read stands there as �.` };
  }
}
