// What a config.json may leave out, as transformers' config classes have it (tools/golden/model_defaults.py).
import { shortRope } from '../../tools/model_facts.mjs';
import { CLASS_DEFAULTS } from '../../web/models/families/class_defaults.js';
import { classDefaults } from '../../web/models/families/index.js';
import { readJson } from '../support/wembed.js';

/** @type {Record<string, object>} */
const { types } = readJson('tests/golden/class_defaults.json');

test('every type has an entry, and no other has one', () => {
  expect(CLASS_DEFAULTS.flatMap(([names]) => names.split(' ')).sort()).toEqual(Object.keys(types).sort());
});

test.each(Object.keys(types))("the settings of a %s are transformers'", (type) => {
  const short = (/** @type {any} */ each) => ({ ...each, rope_parameters: shortRope(each?.rope_parameters) });
  expect(short(classDefaults(type))).toEqual(short(types[type]));
});
