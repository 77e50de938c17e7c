// Rules of rotary positions that settings decide, named so that rotary_facts.js, which is generated, can name them too.

/** @typedef {import('../settings.js').Settings} Settings */
/** @typedef {import('../settings.js').Values} Values */

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

/**
 * Classes whose layers differ make parameters by type of layer out of `rope_scaling`, of which they know `rope_type` but not its
 * older name; `rope_parameters` of all layers mean nothing to them.
 * @param {Settings} settings
 * @param {Values} rope the config's rope parameters
 * @returns {Values}
 */
export function scalingAlone(settings, rope) {
  return settings.given('rope_parameters') == null ? withoutType(rope) : {};
}

/** @param {Values} rope @returns {Values} */
export const withoutType = (rope) => Object.fromEntries(Object.entries(rope).filter(([name]) => name !== 'type'));

/**
 * Gemma 3's two types of layers: near ones turn faster.
 * @param {Settings} settings
 * @param {Values} rope the config's rope parameters
 * @returns {Record<string, Values>}
 */
export function fullAndSliding(settings, rope) {
  return {
    full_attention: { rope_theta: settings.get('rope_theta') ?? 1e6, ...scalingAlone(settings, rope) },
    sliding_attention: { rope_theta: settings.get('rope_local_base_freq') ?? 10000 },
  };
}

/** @param {Settings} settings @param {Values} rope */
export function olmo3Layers(settings, rope) {
  const far = { rope_theta: settings.given('rope_theta') ?? 500000, ...scalingAlone(settings, rope) };
  return { full_attention: far, sliding_attention: { rope_theta: 500000 } };
}

/** @param {Settings} settings @param {Values} rope */
export function step3Layers(settings, rope) {
  return { full_attention: { rope_theta: settings.given('rope_theta') ?? 10000, ...scalingAlone(settings, rope) } };
}

/**
 * Layers that compress their keys turn by a base of their own, and they alone by what the config's rope parameters say.
 * @param {Settings} settings
 * @param {Values} rope
 */
export function deepseek4Layers(settings, rope) {
  const share = { partial_rotary_factor: settings.get('partial_rotary_factor') ?? 0.125 };
  const yarn = rope.rope_type === 'yarn' ? { attention_factor: 1 } : {};
  const far = settings.get('compress_rope_theta') ?? 160000;
  return {
    main: { rope_theta: settings.given('rope_theta') ?? 10000, ...share },
    compress: { ...yarn, ...rope, rope_theta: far, ...share },
  };
}

/**
 * @param {Settings} settings
 * @param {Values} rope the config's rope parameters
 * @returns {Record<string, Values>}
 */
export function modernbertLayers(settings, rope) {
  const far = settings.get('global_rope_theta') ?? 160000;
  const local = settings.given('local_rope_theta'); // null: as the others
  const near = local === undefined ? 10000 : (local ?? far);
  return {
    full_attention: { rope_theta: far, ...withoutType(rope) },
    sliding_attention: { rope_theta: near, ...withoutType(rope) },
  };
}
