//# VectorIndex, VectorIndex.create
import { loadMini } from 'wembed/mini';
import { VectorIndex } from 'wembed/search';

const layer = await loadMini();
const index = await VectorIndex.create({ layer, dtype: 'i8' });

//# VectorIndex.add
index.add([
  { id: 1, text: 'Take an umbrella, it may rain', meta: { page: '/weather' } },
  { id: 2, text: 'The cat sleeps on the sofa' },
]);
index.length; //= 2

//# VectorIndex.search
const [hit] = index.search('weather forecast', { topK: 1, filter: (item) => item.id < 9 });
hit.id; //= 1

//# VectorIndex.searchMany
index.searchMany(['weather', 'pets'], { topK: 1 }).map(([first]) => first.id); //= [1, 2]

//# VectorIndex.explain
index.explain(1, 'umbrellas'); // which words and which tokens made it a hit

//# VectorIndex.update
index.update([{ id: 2, text: 'The dog sleeps on the sofa' }]);

//# VectorIndex.get, VectorIndex.has, VectorIndex.ids
index.get(2).text; //= 'The dog sleeps on the sofa'
index.has(3); //= false
index.ids(); //= [1, 2]

//# VectorIndex.describe
index.describe().dtype; //= 'i8'

//# VectorIndex.save
const bytes = await index.save(); // in Node also to a path, in a page to a database

//# VectorIndex.load, VectorIndex.from
const again = await VectorIndex.load(bytes, { layer });
again.length; //= 2

//# VectorIndex.changes
again.add([{ id: 3, text: 'Bake the bread for an hour' }]);
again.changes().length > 0; // what was added and removed since it was saved: append it to the file

//# VectorIndex.remove
again.remove([3]);
again.has(3); //= false

//# VectorIndex.dispose
again.dispose(); // frees its memory
