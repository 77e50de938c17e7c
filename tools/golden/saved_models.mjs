// Writes the models of tests/support/saved_models.js, one folder each, and the texts they are asked for:
//   node tools/golden/saved_models.mjs <folder>
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SAVED, TEXTS, savedModel } from '../../tests/support/saved_models.js';

const [folder] = process.argv.slice(2);
/** @type {Record<string, Record<string, string>>} */
const hashes = {};
for (const model of SAVED) {
  const { layer, files } = await savedModel(model);
  await layer.saveTo(join(folder, model.name), { dtype: model.dtype });
  hashes[model.name] = Object.fromEntries(
    [...files].map(([name, bytes]) => [name, createHash('sha256').update(bytes).digest('hex')]),
  );
  layer.dispose();
}
writeFileSync(join(folder, 'models.json'), JSON.stringify({ texts: TEXTS, hashes }));
