// Every model type of transformers that has a table of tokens: tiny checkpoints, and what its own code makes of them
// (tools/golden/model_types.py).
import { whyRefused } from '../../web/models/families/refused.js';
import { compared, madeTypes } from '../support/model_types.js';

const made = madeTypes();

/** Types of which a part is refused with its reason, and the rest is equal: their scores, or how queries turn. */
const IN_PART = 'dory higgs_audio_v2 mistral_large4 mistral_large4_text neomme'.split(' ');

/** What a refused part says. */
const REASON = /has no head here: a \w+ \w+|this model turns queries/;

/** A case's name is its model type's, and what is other about it. @param {string} name */
const typeOf = (name) => name.split('#')[0];

test.each([...made])("embed, scores and rotary are transformers': %s", async (name, golden) => {
  const full = await compared(golden);
  expect('refused' in full).toBe(whyRefused(typeOf(name)) !== undefined);
  if ('refused' in full) {
    expect(full.refused).toContain(whyRefused(typeOf(name)));
    return;
  }
  const { sparse } = golden;
  const few = sparse
    ? await compared({ ...golden, logits: undefined, rotary: undefined, head: undefined, ...sparse })
    : full;
  const wrong = [...full.wrong, ...('refused' in few ? [few.refused] : few.wrong)];
  const refusals = wrong.filter((each) => REASON.test(each));
  expect(refusals.length > 0).toBe(IN_PART.includes(typeOf(name)));
  expect(wrong.filter((each) => !REASON.test(each))).toEqual([]);
});

test('of the types that can be built 96 % are equal in all', () => {
  const whole = [...made.keys()].filter((name) => !whyRefused(typeOf(name)) && !IN_PART.includes(typeOf(name)));
  expect(whole.length / made.size).toBeGreaterThanOrEqual(0.96);
});
