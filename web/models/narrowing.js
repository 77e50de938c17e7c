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
    write(new Uint8Array(Float32Array.from(new Float64Array(all.buffer, 0, whole / 8)).buffer));
  };
}
