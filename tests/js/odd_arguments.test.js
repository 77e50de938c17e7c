// Arguments that the full run of the API fuzzer found to be passed on unchecked.
import { RotaryPositions, VectorIndex, clearCache, errorOf, loadMini } from '../support/wembed.js';
import { WordVectorTrainer } from '../support/wembed.js';

/** @param {object} target */
function revoked(target) {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return /** @type {any} */ (proxy);
}

test('a revoked Proxy is refused as a layer type, as a layer, and as the options of clearCache', async () => {
  const config = { head_dim: 4, rope_parameters: { full_attention: {} }, layer_types: ['full_attention'] };
  expect(
    await errorOf(() => RotaryPositions.fromConfig(config, { layerType: revoked({}) }), 'invalid_argument'),
  ).toMatch('layerType');
  expect(await errorOf(() => VectorIndex.create({ layer: revoked({}) }), 'invalid_argument')).toMatch('layer');
  await errorOf(() => clearCache(undefined, revoked({})), 'invalid_argument');
});

test('bytes whose buffer is detached are no checkpoint', async () => {
  const view = new Uint8Array(16);
  const { buffer } = view;
  structuredClone(buffer, { transfer: [buffer] });
  for (const file of [buffer, view]) {
    const resume = () => WordVectorTrainer.resume(file, ['a b'], { minCount: 1 });
    expect(await errorOf(resume, 'invalid_argument')).toMatch('checkpoint');
  }
  (await loadMini()).dispose(); // the next good call works
});
