// Rules of rotary positions that settings decide, named so that rotary_facts.js, which is generated, can name them too.
import { isValues } from '../settings.js';

/** @typedef {import('../settings.js').Settings} Settings */
/** @typedef {import('../settings.js').Values} Values */

/** The share of a head that turns: of other kinds of rope parameters than the plain one every class knows it. */
export const SHARE = 'partial_rotary_factor';

/** @param {Values} rope @returns {unknown} the rule of its frequencies */
export const kindOf = (rope) => rope.rope_type ?? rope.type ?? 'default';

/** @param {Values} rope */
export const isPlain = (rope) => kindOf(rope) === 'default';

/** Types of layer that are no attention. */
export const WITHOUT_QUERIES = ['linear_attention', 'conv', 'mamba', 'recurrent'];

/** Layers that see everything do not turn. */
export const stillWhereFull = () => ['full_attention'];

/** The same, in models whose other layers see a window. @param {Settings} settings */
export const stillBesideWindow = (settings) => (settings.given('sliding_window') === null ? [] : ['full_attention']);

/** Neighbours turn unless the config says otherwise. @param {Settings} settings */
export const interleavedUnlessOff = (settings) =>
  settings.given('rope_interleave') !== null && settings.flag('rope_interleave') !== false;

/** Neighbours turn if the config says so. @param {Settings} settings */
export const interleavedIfOn = (settings) => settings.flag('rotary_emb_interleaved') === true;

/**
 * A layer whose base is 0 does not turn.
 * @param {Settings} settings
 * @returns {string[]} types of layer of which none turns
 */
export function stillByBase(settings) {
  const bases = settings.get('layer_rope_theta');
  const types = settings.texts('layer_types');
  if (!Array.isArray(bases) || types.length === 0) return ['full_attention'];
  return [...new Set(types)].filter((type) => types.every((each, i) => each !== type || !bases[i]));
}

/** @param {unknown} value @returns {Values} */
const valuesOf = (value) => (isValues(value) ? value : {});

/**
 * Gemma 3's two types of layers, as its class reads their parameters: those of all layers mean nothing to it, `rope_scaling` is
 * added to those of layers that see everything, and to `near` ones if they have a part in it.
 * @param {Settings} settings
 * @param {unknown[]} bases of layers that see everything, and of near ones, where their parameters have none
 * @param {boolean} [alike] whether rope_scaling is for both
 * @returns {Record<string, Values>}
 */
function twoLayers(settings, [far, near], alike) {
  const given = valuesOf(settings.given('rope_parameters'));
  const scaling = valuesOf(settings.given('rope_scaling'));
  const plain = { rope_type: 'default' };
  const layer = (/** @type {string} */ name, /** @type {unknown} */ base, /** @type {Values} */ more) => ({
    rope_theta: base,
    ...(isValues(given[name]) ? given[name] : plain),
    ...more,
  });
  return {
    full_attention: layer('full_attention', far, scaling),
    sliding_attention: layer('sliding_attention', near, alike ? scaling : {}),
  };
}

/**
 * Gemma 3's near layers turn faster.
 * @param {Settings} settings
 */
export const fullAndSliding = (settings) =>
  twoLayers(settings, [settings.get('rope_theta') ?? 1e6, settings.get('rope_local_base_freq') ?? 10000]);

/** @param {Settings} settings */
export const olmo3Layers = (settings) => twoLayers(settings, [settings.given('rope_theta') ?? 500000, 500000]);

/**
 * Each type of layer has the base and the share of its first layer; rope_scaling is for those that see everything.
 * @param {Settings} settings
 */
export function step3Layers(settings) {
  const layers = settings.texts('layer_types');
  const types = [...new Set(layers.length > 0 ? layers : ['full_attention'])];
  const given = valuesOf(settings.given('rope_parameters'));
  const [base, shares] = [settings.given('rope_theta') ?? 10000, settings.given('partial_rotary_factors')];
  const own = (/** @type {string} */ type) => {
    const i = Math.max(layers.indexOf(type), 0);
    const scaling = type === 'full_attention' ? valuesOf(settings.given('rope_scaling')) : {};
    return {
      ...{ rope_type: 'default', rope_theta: Array.isArray(base) ? base[i] : base },
      [SHARE]: Array.isArray(shares) ? shares[i] : 1,
      ...scaling,
    };
  };
  const isWhole = types.every((type) => isValues(given[type]));
  return Object.fromEntries(
    types.map((type) => [type, isWhole ? { rope_theta: 10000, .../** @type {Values} */ (given[type]) } : own(type)]),
  );
}

/**
 * Layers that compress their keys turn by a base of their own, and they alone by what the config's rope parameters say.
 * @param {Settings} settings
 * @param {Values} rope
 */
export function deepseek4Layers(settings, rope) {
  const base = settings.get('rope_theta') ?? 10000;
  const latent = settings.given('qk_rope_head_dim');
  const usual = typeof latent === 'number' ? latent / Number(settings.get('head_dim')) : 0.125;
  const share = settings.given(SHARE) ?? usual;
  const { main, compress, ...flat } = rope;
  if (isValues(main) && isValues(compress)) {
    const own = (/** @type {Values} */ each) => ({
      rope_theta: base,
      [SHARE]: isPlain(each) ? (settings.given(SHARE) ?? 1) : share,
      ...each,
    });
    return { main: own(main), compress: own(compress) };
  }
  return {
    main: { rope_theta: base, [SHARE]: share },
    compress: {
      ...(kindOf(flat) === 'yarn' ? { attention_factor: 1 } : {}),
      ...flat,
      ...{ rope_theta: settings.get('compress_rope_theta') ?? 160000, [SHARE]: share },
    },
  };
}

/**
 * Older files have a list of bases, one for each layer.
 * @param {Settings} settings
 * @param {Values} rope
 */
export function ultrabertLayers(settings, rope) {
  const bases = settings.given('rope_theta');
  if (Array.isArray(bases) && settings.given('rope_parameters') == null && Object.keys(rope).length === 0) {
    return Object.fromEntries(settings.texts('layer_types').map((type, i) => [type, { rope_theta: bases[i] }]));
  }
  const given = Object.entries(rope).filter(([, each]) => isValues(each));
  if (given.length > 0) return Object.fromEntries(given.map(([type, each]) => [type, { rope_theta: 10000, .../** @type {Values} */ (each) }]));
  return { sliding_attention: { rope_theta: 10000 }, full_attention: { rope_theta: 2560000 } };
}

/** @param {Settings} settings */
export function modernbertLayers(settings) {
  const far = settings.get('global_rope_theta') ?? 160000;
  const local = settings.given('local_rope_theta'); // null: as the others
  return twoLayers(settings, [far, local === undefined ? 10000 : (local ?? far)], true);
}

/**
 * Zamba 2's: a longer context is a setting of its own.
 * @param {Settings} settings
 */
export const longIfAsked = (settings) => (settings.flag('use_long_context') ? 16384 : undefined);
