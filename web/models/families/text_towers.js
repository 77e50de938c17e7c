import { each } from './each.js';
import { BERT } from './bert.js';
import { ROBERTA } from './roberta.js';

/** @typedef {import('./family.js').ModelFamily} ModelFamily */

/** CLIP's text model: rows and positions. @type {ModelFamily} */
const CLIP = { token: 'embeddings.token_embedding.weight', position: 'embeddings.position_embedding.weight' };

/** @type {ModelFamily} */
const ENCODER = { ...BERT, masked: undefined };

/** @type {ModelFamily} */
const ROBERTA_ENCODER = { ...ROBERTA, masked: undefined };

/** The text models of models that compare texts with images or sounds. @type {import('./family.js').Families} */
export const TEXT_TOWERS = {
  ...each(
    CLIP,
    `aimv2_text_model clip_text_model clipseg_text_model groupvit_text_model metaclip_2_text_model owlv2_text_model
     owlvit_text_model siglip_text_model siglip2_text_model xclip_text_model`,
  ),
  ...each(ENCODER, 'align_text_model flava_text_model dpr splinter'),
  chinese_clip_text_model: { ...ENCODER, zeroPadding: true },
  ...each(ROBERTA_ENCODER, 'altclip_text_model bridgetower_text_model clap_text_model lilt'),
  blip_text_model: BERT,
};
