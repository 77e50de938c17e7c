import { optionsOf } from '../core/arguments.js';
import { WembedError, refuseRevoked, shown } from '../core/errors.js';
import { RotaryPositions as Rotary } from '../nn/rotary.js';
import { settingsOf } from './class_settings.js';
import { ROTARY_FAMILIES } from './families/rotary_families.js';
import { RopeConfig } from './rope_config.js';

/**
 * What a config.json does not say of its rotary positions, or has more than one of.
 * @typedef {object} RotaryOptions
 * @property {boolean} [interleaved] true: number 2i of a head turns with 2i + 1; false: i with i + rotaryDim / 2. Default: as
 *   the config's model type has it in transformers (neighbours in GPT-J, Cohere and GLM, halves in most)
 * @property {string} [layerType] where layers differ ('full_attention', 'sliding_attention' in Gemma 3): which type
 */

/** Rotary positions as a model's config.json has them. */
export class RotaryPositions extends Rotary {
  /**
   * Reads a config.json's rope parameters.
   * @param {object} config parsed
   * @param {RotaryOptions} [options]
   * @returns {RotaryPositions} errors: `unsupported`, also where the queries of the config's model do not turn,
   *   `invalid_argument`, `shape_mismatch`
   */
  static fromConfig(config, options) {
    const { interleaved, layerType } = optionsOf('fromConfig', options, ['interleaved', 'layerType']);
    return RotaryPositions.from(ropeOf(config, interleaved).of(layerType));
  }

  /**
   * The types of layers that a config has rope parameters of their own for, as `layerType` takes them.
   * @param {object} config parsed
   * @returns {string[]} none where all layers are alike
   */
  static layerTypes(config) {
    return ropeOf(config).layerTypes;
  }
}

/** Settings of what looks or listens. */
const OF_TOWERS = ['image_size', 'patch_size', 'num_mel_bins', 'sampling_rate'];

/**
 * @param {unknown} config
 * @param {boolean} [interleaved]
 */
function ropeOf(config, interleaved) {
  refuseRevoked('a config', config);
  const found = settingsOf(config, ROTARY_FAMILIES);
  // Of types that are not known, the settings show which have no tokens.
  const isOther = found && !found.family && found.settings.given('vocab_size') === undefined;
  if (isOther && OF_TOWERS.some((name) => found.settings.given(name) != null)) {
    throw new WembedError('unsupported', `a ${shown(found.modelType)} has no tokens: its settings are of images or sounds`);
  }
  if (found) return new RopeConfig(found.settings, found.family?.rotary, interleaved);
  throw new WembedError('invalid_argument', `a config must be an object, got ${shown(config)}`);
}
