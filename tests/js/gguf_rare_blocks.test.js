// The block types of GGUF that few files have, held against the gguf package (tools/golden/ggml_blocks.py).
import { rareWidening } from '../../web/formats/ggml_rare_blocks.js';
import { GGML_TYPES } from '../../web/formats/ggml_types.js';
import { GgufWriter } from '../support/gguf.js';
import { EmbeddingLayer, RemoteTable, readBytes } from '../support/wembed.js';

/** Seven blocks of each type and their numbers. */
function goldenBlocks() {
  const golden = readBytes('tests/golden/ggml_rare_blocks.bin');
  const view = new DataView(golden.buffer, golden.byteOffset);
  /** @type {{ name: string, type: number, count: number, numbers: number, blocks: Uint8Array, values: Float32Array }[]} */
  const types = [];
  for (let at = 64; at < golden.length;) {
    const [type, count, numbers, bytes] = [0, 4, 8, 12].map((offset) => view.getUint32(at + offset, true));
    const middle = at + 16 + count * bytes;
    const end = middle + 4 * count * numbers;
    const values = new Float32Array(golden.slice(middle, end).buffer);
    types.push({ name: GGML_TYPES[type][0], type, count, numbers, blocks: golden.slice(at + 16, middle), values });
    at = end;
  }
  return types;
}

const TYPES = goldenBlocks();

/** @param {(typeof TYPES)[number]} golden a file with a block a row */
const fileOf = ({ type, count, numbers, blocks }) =>
  new GgufWriter()
    .string('general.architecture', 'llama')
    .u32('llama.embedding_length', numbers)
    .u32('llama.attention.head_count', 4)
    .tensor('token_embd.weight', [count, numbers], type, blocks)
    .file();

test('twelve types are compared', () => {
  const rare = 'TQ1_0 TQ2_0 MXFP4 NVFP4 IQ4_XS IQ2_XXS IQ2_XS IQ2_S IQ3_XXS IQ3_S IQ1_S IQ1_M';
  expect(TYPES.map(({ name }) => name)).toEqual(rare.split(' '));
});

test.each(TYPES)('$name: a table has the numbers of the gguf package, bit for bit', async (golden) => {
  const { count, values } = golden;
  const layer = await EmbeddingLayer.fromPretrained({ 'x.gguf': fileOf(golden) }, { dtype: 'f32' });
  const ids = Uint32Array.from({ length: count }, (_, i) => i);
  expect(layer.table.lookup(ids).data).toEqual(values);
  layer.dispose();
  const wide = golden.name === 'MXFP4';
  if (!wide && values.some((value) => Math.abs(value) > 65504)) return; // more than f16 holds, which is refused
  const kept = await EmbeddingLayer.fromPretrained({ 'x.gguf': fileOf(golden) });
  expect(kept.table.dtype).toBe(wide ? 'bf16' : 'f16');
  if (wide) expect(kept.table.lookup(ids).data).toEqual(values);
  kept.dispose();
});

test.each(TYPES)('$name: a remote table reads single rows', async (golden) => {
  const { count, numbers, values } = golden;
  const remote = await RemoteTable.open({ 'x.gguf': fileOf(golden) });
  const found = await remote.lookup([count - 1, 1, 2]);
  const rows = [count - 1, 1, 2].flatMap((row) => [...values.subarray(row * numbers, (row + 1) * numbers)]);
  expect(found.data).toEqual(Float32Array.from(rows));
  remote.dispose();
});

test.each(TYPES)(
  '$name: pieces of any length, and more blocks than are handed on at a time',
  ({ name, blocks, values }) => {
    const times = 30;
    const many = new Uint8Array(times * blocks.length);
    for (let i = 0; i < times; i++) many.set(blocks, i * blocks.length);
    for (const piece of [7, 101, many.length]) {
      let [at, wrong] = [0, 0];
      const convert = rareWidening(name, (some) => {
        const found = new Float32Array(some.slice().buffer);
        for (const value of found) if (!Object.is(value, values[at++ % values.length])) wrong++;
      });
      for (let from = 0; from < many.length; from += piece) convert(many.subarray(from, from + piece));
      expect({ piece, at, wrong }).toEqual({ piece, at: times * values.length, wrong: 0 });
    }
  },
);
