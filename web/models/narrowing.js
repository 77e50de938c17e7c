import { WembedError } from '../core/errors.js';

/**
 * Takes float64 in pieces and hands them on as float32.
 * @param {(bytes: Uint8Array) => void} write
 * @returns {(bytes: Uint8Array) => void}
 */
export function narrowing(write) {
  let rest = new Uint8Array(0);
  return (bytes) => {
    const all = new Uint8Array(rest.length + bytes.length);
    all.set(rest);
    all.set(bytes, rest.length);
    const whole = all.length - (all.length % 8);
    rest = all.slice(whole);
    const given = new Float64Array(all.buffer, 0, whole / 8);
    const narrow = Float32Array.from(given);
    const large = narrow.findIndex((value, i) => !Number.isFinite(value) && Number.isFinite(given[i]));
    if (large >= 0) throw new WembedError('bad_file', `a float64 table holds ${given[large]}, which float32 cannot`);
    write(new Uint8Array(narrow.buffer));
  };
}
