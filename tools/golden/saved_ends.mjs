// Writes the models of tests/support/saved_ends.js, whole and pruned, one folder each:
//   node tools/golden/saved_ends.mjs <folder>
import { join } from 'node:path';
import { ENDS, savedEnds } from '../../tests/support/saved_ends.js';
import { EmbeddingLayer } from '../../web/index.js';

const [folder] = process.argv.slice(2);
for (const name of ENDS) {
  const { layer, pruned } = await savedEnds(EmbeddingLayer, name);
  await layer.saveTo(join(folder, name, 'whole'));
  await pruned.saveTo(join(folder, name, 'small'));
  layer.dispose();
  pruned.dispose();
}
