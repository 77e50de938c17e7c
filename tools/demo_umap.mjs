// The map that the demo page opens with: UMAP of its words, as the page itself computes it when asked, written to
// web/demo/models/neighbourhoods.places. Run it again when wembed/mini, the map's number of words or parts/umap.js change.
import { writeFileSync } from 'node:fs';
import { encodePlaces } from '../web/demo/parts/map_file.js';
import { umapOf } from '../web/demo/parts/umap.js';
import { MAP_WORDS, WordSpace } from '../web/demo/parts/word_space.js';
import { loadMini } from '../web/mini.js';
import { ROOT } from './run.mjs';

const layer = await loadMini();
const space = await WordSpace.of(layer, MAP_WORDS);
let shown = '';
const made = await umapOf(space.rows, space.dim, {
  seed: 1,
  onPlaces: () => {},
  isStopped: async () => false,
  onProgress: (step, done) => {
    const now = done === undefined ? step : `${step}, ${Math.round(20 * done) * 5} %`;
    if (now !== shown) console.log((shown = now));
  },
});
if (!made) throw new Error('UMAP was stopped.');
const bytes = encodePlaces(made.places, space.rows);
writeFileSync(`${ROOT}/web/demo/models/neighbourhoods.places`, bytes);
console.log(`neighbourhoods.places: ${bytes.length} bytes for ${space.words.length} words.`);
layer.dispose();
