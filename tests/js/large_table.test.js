// The table of Llama 3 8B in one process: half a gigabyte as i8, a quarter as i4, converted from f32 that is never in
// memory as a whole.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { LLAMA3 } from '../support/large_table.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MEGABYTE = 2 ** 20;

// The scalar variant takes seconds per table, so it gets a small one.
const variant = process.env.WEMBED_VARIANT ?? 'simd128';
const shape = variant === 'scalar' ? { rows: 2000, dim: 4096 } : LLAMA3;

/** @type {['i8' | 'i4', number, number, number][]} */
const cases = [
  ['i8', shape.dim + 4, 0.5 / 127, 0.5],
  ['i4', (shape.dim / 32) * 18, 1 / 8, 20], // blocks of -8 to 7 steps: opposite the largest number the error may be a whole step
];

test.each(cases)(
  '%s: lookup and top-k are right, in little more memory than the table',
  (dtype, rowBytes, step, scoreBound) => {
    const script = `
    const { measureLargeTable } = await import('./tests/support/large_table.js');
    console.log(JSON.stringify(await measureLargeTable('${dtype}', ${JSON.stringify(shape)}, '${variant}')));`;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    const { bytes, memory, resident, ...found } = JSON.parse(output);
    expect(bytes).toBe(shape.rows * rowBytes);
    expect(memory).toBeLessThanOrEqual(1.1 * bytes + 8 * MEGABYTE);
    expect(resident).toBeLessThanOrEqual(1.1 * bytes + 48 * MEGABYTE); // includes garbage not collected yet
    expect(found.lookupError).toBeLessThanOrEqual(step * (1 + 2 ** -9)); // i4's scales are f16
    expect(found.headError).toBeLessThan(0.05);
    expect(found.scoreError).toBeLessThan(scoreBound);
    expect(found).toMatchObject({ first: shape.rows - 1, missed: 0 });
  },
);
