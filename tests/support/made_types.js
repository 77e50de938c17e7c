// Tiny checkpoints of transformers' model types (tools/golden/model_types.py).
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { safetensors } from './models.js';

const FOLDER = fileURLToPath(new URL('../golden/model_types/', import.meta.url));

/** @typedef {{ config: string, tensors: Record<string, number[]>, kind: string, dim: number, embed: number[], logits?: number[],
 *   head?: number, rotary?: Record<string, { dim: number, step: number, out: number[] } | null>, part?: string,
 *   short?: string[], class?: string }} Made `short`: of these only the first numbers are known, eight of a row */

/** Every type that transformers could build, with what it made of it. @returns {Map<string, Made & { sparse?: Made }>} */
export function madeTypes() {
  const files = readdirSync(FOLDER).sort();
  const all = files.flatMap((file) => Object.entries(JSON.parse(readFileSync(join(FOLDER, file), 'utf8')).types));
  return new Map(/** @type {any} */ (all.filter(([, made]) => !made.why)));
}

/** As tools/golden/observed.py fills tensors. @param {string} name @param {number[]} shape */
export function filled(name, shape) {
  const seed = [...name].reduce((sum, letter, i) => sum + letter.charCodeAt(0) * (i + 1), 0);
  const length = shape.reduce((all, size) => all * size, 1);
  const bits = (/** @type {number} */ i) => Math.imul(i + 1, 2654435761) + Math.imul(seed, 40503);
  return Float32Array.from({ length }, (_, i) => ((bits(i) >>> 16) & 255) / 128 - 1);
}

/** @param {Made} made */
export function filesOf({ config, tensors }) {
  const weights = Object.entries(tensors).map(([name, shape]) => [
    name,
    { dtype: 'F32', shape, data: filled(name, shape) },
  ]);
  return { 'config.json': config, 'model.safetensors': safetensors(Object.fromEntries(weights)) };
}
