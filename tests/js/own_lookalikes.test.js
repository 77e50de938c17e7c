// A Proxy of something this library has made, or an object made from it with Object.create, has its methods but not its
// private fields: it is refused as an argument, with a reason. So is what only looks like an AbortSignal.
import { DecodeStream, EmbeddingLayer, VectorIndex, WembedError, loadMini } from '../support/wembed.js';
import { encodePair } from '../../web/index.js';
import { ChatTemplate } from '../../web/chat.js';
import { Variable, adapt, trainClassifier } from '../../web/train.js';
import { jsonLines, paraphraseMining } from '../../web/util.js';

/** @type {[string, (value: any) => any][]} */
const LOOKALIKES = [
  ['a Proxy', (value) => new Proxy(value, {})],
  ['an object made from it', (value) => Object.create(value)],
];

/** @type {EmbeddingLayer} */
let layer;
beforeAll(async () => {
  layer = await loadMini();
});
afterAll(() => layer.dispose());

const texts = ['the king spoke', 'the sea rose'];
const examples = { texts, labels: ['people', 'water'] };

/** @param {() => unknown} call */
async function thrownBy(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe.each(LOOKALIKES)('%s', (_, like) => {
  /** @type {Record<string, () => unknown>} */
  const calls = {
    'adapt, of a layer': () => adapt(like(layer), [['a', 'b']]),
    'trainClassifier, of a layer': () => trainClassifier(like(layer), examples),
    'paraphraseMining, of a layer': () => paraphraseMining(like(layer), texts),
    'VectorIndex.create, of a layer': () => VectorIndex.create({ layer: like(layer) }),
    'Variable.from, of a table': () => Variable.from(like(layer.table)),
    'DecodeStream, of a tokenizer': () => new DecodeStream(like(layer.tokenizer)),
    'encodePair, of a tokenizer': () => encodePair(like(layer.tokenizer), 'a', 'b'),
    'ChatTemplate.from, of a tokenizer': () =>
      ChatTemplate.from('{{ messages }}', { tokenizer: like(layer.tokenizer) }),
  };
  test.each(Object.keys(calls))('%s: is refused, and the next call works', async (name) => {
    expect(await thrownBy(calls[name])).toBeInstanceOf(WembedError);
    expect(layer.encode('the king')).toHaveLength(256);
  });
});

test.each([
  ['an object with its prototype', () => Object.create(AbortSignal.prototype)],
  ['one whose property throws', () => ({ get aborted() { throw new Error('no'); } })], // prettier-ignore
])('an AbortSignal: %s is refused', async (_, signal) => {
  const calls = [
    () => loadMini({ signal: signal() }),
    () => EmbeddingLayer.fromPretrained('models/mini', { signal: signal() }),
    () => trainClassifier(layer, examples, { signal: signal() }),
  ];
  for (const call of calls) expect(await thrownBy(call)).toMatchObject({ code: 'invalid_argument' });
});

test.each(['false', 1, 'true'])('the option classifier: %p is no flag', async (classifier) => {
  const error = await thrownBy(() =>
    EmbeddingLayer.fromPretrained('./models/mini', /** @type {any} */ ({ classifier })),
  );
  expect(error).toMatchObject({ code: 'invalid_argument', message: expect.stringMatching(/^classifier must be/) });
});

test('jsonLines: a meta that is no JSON is refused with its item', async () => {
  const index = await VectorIndex.create({ layer });
  await index.add([{ id: 'a', text: 'the king', meta: { count: 1n } }]);
  expect(await thrownBy(() => [...jsonLines(index)])).toMatchObject({
    code: 'invalid_argument',
    message: expect.stringMatching(/^the meta of item a holds what JSON cannot: meta.count/),
  });
  index.dispose();
});
