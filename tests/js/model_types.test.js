// Every model type of transformers that has a table of tokens: tiny checkpoints, and what its own code makes of them
// (tools/golden/model_types.py).
import { REFUSED } from '../../web/models/families/refused.js';
import { compared, madeTypes } from '../support/model_types.js';

const made = madeTypes();

/** Types that are not equal, and why. A type that becomes equal, or another that does not, fails. */
const NOT_EQUAL = /** @type {Record<string, string>} */ ({
  chinese_clip: "transformers sets the padding's row to zeros as it loads",
  chinese_clip_text_model: "transformers sets the padding's row to zeros as it loads",
  'kosmos-2.5': 'its scores are not made',
  kosmos_2_5_text_model: 'its scores are not made',
  seamless_m4t: 'its scores are not made',
  seamless_m4t_v2: 'its scores are not made',
});

/** Types that no family is for: each is refused, with a reason where REFUSED has one. */
const UNKNOWN =
  `canary canary_decoder clvp_decoder cohere_asr cpmant deberta-v2#narrow dia_encoder dory encoder-decoder fastspeech2_conformer flaubert fsmt git hrm_text inkling_mm_model luke minimax_m3_vl neomme perceiver pp_formulanet pp_formulanet_text prophetnet qwen4_exp qwen4_exp_text sam3 sam3_lite_text sam3_lite_text_text_model tipsv2 tipsv2_text_model ultrabert ultravbert vits xlm xlm#waves xlstm zaya`.split(
    /\s+/,
  );

/** A case's name is its model type's, and what is other about it. @param {string} name */
const typeOf = (name) => name.split('#')[0];

test.each([...made])("embed, scores and rotary are transformers': %s", async (name, golden) => {
  const full = await compared(golden);
  if ('refused' in full) {
    expect(Object.hasOwn(REFUSED, typeOf(name)) || UNKNOWN.includes(name)).toBe(true);
    return;
  }
  expect(UNKNOWN).not.toContain(name);
  const { sparse } = golden;
  const few = sparse
    ? await compared({ ...golden, logits: undefined, rotary: undefined, head: undefined, ...sparse })
    : full;
  const wrong = [...full.wrong, ...('refused' in few ? [few.refused] : few.wrong)];
  if (Object.hasOwn(NOT_EQUAL, name)) expect(wrong).not.toEqual([]);
  else expect(wrong).toEqual([]);
});

test('of the types that can be built hardly any is refused', async () => {
  const refused = [...made.keys()].filter((name) => Object.hasOwn(REFUSED, typeOf(name)) || UNKNOWN.includes(name));
  expect(refused.length / made.size).toBeLessThan(0.135);
});
