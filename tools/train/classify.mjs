// What learning the table is worth to a classifier: `node tools/train/classify.mjs [texts of each class]`.
//
// The classes are ten sources of ../shared/data/texts, textbooks of near subjects; a text is a sentence or a few. Accuracy on
// 200 others of each, of the head alone and with the rows, for the small model.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { loadMini } from '../../web/mini.js';
import { trainClassifier } from '../../web/train.js';

const SHARED = process.env.WEMBED_SHARED ?? new URL('../../../shared/data', import.meta.url).pathname;
const BOOKS =
  'american-government anthropology astronomy business economics microbiology philosophy psychology sociology us-history';
const UNSEEN = 200;
const each = Number(process.argv[2] ?? 200);

/** @type {{ text: string, label: string }[][]} */
const halves = [[], []];
for (const label of BOOKS.split(' ')) {
  const lines = gunzipSync(readFileSync(join(SHARED, 'texts', `openstax-${label}.txt.gz`)))
    .toString()
    .split('\n');
  // Lines of one chapter stand together: those learnt and those held out are from the whole book.
  const step = Math.floor(lines.length / (each + UNSEEN));
  const chosen = Array.from({ length: each + UNSEEN }, (_, i) => ({ text: lines[i * step], label }));
  const place = (/** @type {number} */ i) => Math.floor((i * UNSEEN) / chosen.length);
  for (const [i, one] of chosen.entries()) halves[Number(place(i + 1) > place(i))].push(one);
}
const [known, unseen] = halves;
const layer = await loadMini({ dtype: 'f32' });
const examples = { texts: known.map(({ text }) => text), labels: known.map(({ label }) => label) };
for (const options of [{}, { C: 10 }, { table: true }, { table: true, C: 10 }]) {
  const began = process.cpuUsage();
  const classifier = await trainClassifier(layer, examples, options);
  const { user, system } = process.cpuUsage(began);
  const found = classifier.predict(unseen.map(({ text }) => text));
  const right = found.filter(({ label }, i) => label === unseen[i].label).length;
  console.log(
    JSON.stringify(options),
    `${known.length} learnt, ${unseen.length} others: ${((100 * right) / unseen.length).toFixed(1)} % right,`,
    `${((user + system) / 1e6).toFixed(1)} s`,
  );
}
