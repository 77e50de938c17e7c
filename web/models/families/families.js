import { BARTS } from './bart.js';
import { BERTS } from './bert.js';
import { DECODERS } from './decoders.js';
import { GEMMAS } from './gemma.js';
import { GPTS } from './gpt.js';
import { MAMBAS } from './mamba.js';
import { ROBERTAS } from './roberta.js';
import { T5S } from './t5.js';
import { TEXT_TOWERS } from './text_towers.js';

/** Every family there is, by `model_type`. @type {Readonly<Record<string, import('./family.js').ModelFamily>>} */
export const FAMILIES = {
  ...BERTS,
  ...ROBERTAS,
  ...DECODERS,
  ...GEMMAS,
  ...GPTS,
  ...BARTS,
  ...T5S,
  ...MAMBAS,
  ...TEXT_TOWERS,
};
