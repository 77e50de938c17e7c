//# createWorker, EmbeddingWorker
import { createWorker } from 'wembed/worker';

const worker = await createWorker(); // the small model; { model: 'org/name' } for another

//# EmbeddingWorker.encode
(await worker.encode(['It is raining', 'Wet weather'])).shape; //= [2, 256]

//# EmbeddingWorker.similarity
(await worker.similarity('It is raining', 'Wet weather')) > 0.5; //= true

//# EmbeddingWorker.mostSimilar
await worker.mostSimilar('king', { topn: 3 }); // [{ key, score }, …]

//# EmbeddingWorker.describe
(await worker.describe()).kind; //= 'static'

//# EmbeddingWorker.embed
(await worker.embed([5, 17])).shape; //= [2, 256]

//# EmbeddingWorker.learn
import { trainWordVectors } from 'wembed/train';

const texts = ['the king rules the land', 'the queen rules the land'];
await trainWordVectors(texts, { minCount: 1, epochs: 1, worker }); // a recipe asks for it when it is given the worker

//# EmbeddingWorker.index, WorkerIndex
const items = [
  { id: 1, text: 'Take an umbrella, it may rain' },
  { id: 2, text: 'The cat sleeps on the sofa' },
];
const index = await worker.index(items, { onProgress: ({ loaded, total }) => {} });

//# WorkerIndex.search, WorkerIndex.searchMany
(await index.search('weather', { topK: 1 }))[0].id; //= 1
(await index.searchMany(['weather', 'pets'], { topK: 1 })).length; //= 2

//# WorkerIndex.add, WorkerIndex.update, WorkerIndex.remove
await index.add([{ id: 3, text: 'Bake the bread for an hour' }]);
await index.update([{ id: 3, text: 'Bake the cake for an hour' }]);
await index.remove([3]);

//# WorkerIndex.get, WorkerIndex.has, WorkerIndex.ids
(await index.get(1)).text; //= 'Take an umbrella, it may rain'
await index.has(3); //= false
await index.ids(); //= [1, 2]

//# WorkerIndex.explain, WorkerIndex.describe
await index.explain(1, 'umbrellas'); // which words and which tokens made it a hit
(await index.describe()).length; //= 2

//# WorkerIndex.save, WorkerIndex.changes, EmbeddingWorker.loadIndex
const bytes = await index.save();
await index.changes(); // since it was saved
const again = await worker.loadIndex(bytes);
(await again.describe()).length; //= 2

//# WorkerIndex.dispose
await again.dispose();

//# EmbeddingWorker.pause, EmbeddingWorker.resume
worker.pause(); // lists wait, queries do not
worker.resume();

//# WorkerTokenizer, WorkerTokenizer.count, WorkerTokenizer.isWithinLimit
await worker.tokenizer.count('The cat sat'); //= 3
await worker.tokenizer.isWithinLimit('The cat sat', 2); //= false

//# WorkerTokenizer.encode, WorkerTokenizer.encodeBatch, WorkerTokenizer.decode
const { ids } = await worker.tokenizer.encode('The cat sat');
(await worker.tokenizer.encodeBatch(['The cat sat', 'Cat'])).length; //= 2
await worker.tokenizer.decode(ids); //= 'the cat sat'

//# EmbeddingWorker.dispose
await worker.dispose(); // ends it
