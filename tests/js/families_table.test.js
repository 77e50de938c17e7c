// docs/FORMATS.md says of every model type what the library does with it.
import { readFileSync } from 'node:fs';
import { FAMILIES } from '../../web/models/families/index.js';
import { REFUSED } from '../../web/models/families/refused.js';
import { table, withTable } from '../support/families_table.js';

const docs = readFileSync(new URL('../../docs/FORMATS.md', import.meta.url), 'utf8');

test('the table of model types is what tools/families_table.mjs writes', () => {
  expect(withTable(docs)).toBe(docs);
});

test('it has one row for every type that loads and every type that is refused', () => {
  const rows = table().split('\n').slice(2);
  const types = rows.map((row) => row.split(' | ')[0].slice(2));
  expect(types.sort()).toEqual([...Object.keys(FAMILIES), ...Object.keys(REFUSED)].sort());
  expect(new Set(types).size).toBe(types.length);
});
