// The table of model types in docs/FORMATS.md, out of the families and of what transformers could build
// (tools/families_table.mjs writes it, tests/js/families_table.test.js holds it).
import { readFileSync, readdirSync } from 'node:fs';
import { FAMILIES } from '../../web/models/families/index.js';
import { REFUSED } from '../../web/models/families/refused.js';

/** @typedef {import('../../web/models/families/family.js').ModelFamily} ModelFamily */

export const [BEGIN, END] = ['<!-- prettier-ignore-start -->', '<!-- prettier-ignore-end -->'];

/** The docs file, with a new table. @param {string} docs */
export function withTable(docs) {
  const [begin, end] = [docs.indexOf(BEGIN), docs.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error('docs/FORMATS.md has no place for the table');
  return `${docs.slice(0, begin)}${BEGIN}\n${table()}\n${docs.slice(end)}`;
}

const GOLDEN = new URL('../golden/model_types/', import.meta.url);

const OWN_CODE = new URL('../golden/own_code.json', import.meta.url);

/** The types that transformers could build. @returns {string[]} */
function madeNames() {
  const files = readdirSync(GOLDEN).map((file) => JSON.parse(readFileSync(new URL(file, GOLDEN), 'utf8')).types);
  return files.flatMap((types) => Object.keys(types).filter((name) => !types[name].why));
}

/** One model type a row. */
export function table() {
  const made = new Set(madeNames());
  const withOwnCode = new Set(
    Object.values(JSON.parse(readFileSync(OWN_CODE, 'utf8')).cases).map(({ family }) => family),
  );
  const loaded = Object.entries(FAMILIES).map(([type, family]) => [
    ...[type, inputOf(family), positionsOf(family), headOf(family)],
    made.has(type)
      ? family.noHead || family.rotary?.why
        ? 'equal in the rest'
        : 'equal'
      : withOwnCode.has(type)
        ? 'own code'
        : '—',
  ]);
  const refused = Object.entries(REFUSED).map(([type, why]) => [type, `refused: it ${why}`, '', '', '']);
  const rows = [...loaded, ...refused].sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [
    line(['model type', 'input', 'positions', 'scores', 'transformers']),
    line(Array.from({ length: 5 }, () => '---')),
    ...rows.map(line),
  ].join('\n');
}

/** @param {ModelFamily} family */
function inputOf(family) {
  const { neighbours, scale, project, projectsTokens, position, sinusoidal, type, fixed, norm, rmsNorm, affine } =
    family;
  const dense = project && ' → dense';
  return [
    neighbours ? 'tokens beside their neighbours' : 'tokens',
    fixed?.rows === 'beside the token' && ` beside ${fixed.what}`,
    scale && ' × a factor',
    projectsTokens && dense,
    (position || sinusoidal) && ' + positions',
    type && ' + types',
    fixed && fixed.rows !== 'beside the token' && ` + ${fixed.what}`,
    affine ? ' → scale and shift' : rmsNorm ? ' → RMSNorm' : norm && !family.normsProjected && ' → LayerNorm',
    !projectsTokens && dense,
    family.normsProjected && ' → LayerNorm',
  ]
    .filter(Boolean)
    .join('');
}

/** @param {ModelFamily} family */
function positionsOf({ position, sinusoidal, rotary, alibi }) {
  const turned =
    rotary &&
    (rotary.why ? `rotary, not made: it ${rotary.why}` : rotary.interleaved ? 'rotary, neighbours' : 'rotary, halves');
  return (
    [position ? 'learned' : sinusoidal && 'waves', turned, alibi && 'ALiBi'].filter(Boolean).join(' or ') || 'none'
  );
}

/** @param {ModelFamily} family */
function headOf({ masked, head, headScale, noHead, decoder, decoderBlock, biased }) {
  if (noHead) return `not made: it ${noHead}`;
  if (masked) return 'dense → activation → LayerNorm → table';
  if (!head || !(decoder || decoderBlock || biased)) return 'none';
  return headScale ? 'table × a factor' : 'table';
}
