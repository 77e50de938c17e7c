//# EmbeddingLayer, EmbeddingLayer.fromPretrained
import { EmbeddingLayer } from 'wembed';

const layer = await EmbeddingLayer.fromPretrained('https://example.org/models/potion/', {
  onProgress: ({ file, loaded, total }) => {}, // bytes
});
layer.dim; //= 256
layer.table.vocabSize; // tokens

//# EmbeddingLayer.from
const get = async (name) => (await fetch(`https://example.org/models/potion/${name}`)).arrayBuffer();
const names = ['config.json', 'tokenizer.json', 'model.safetensors'];
const files = new Map(await Promise.all(names.map(async (name) => [name, await get(name)])));
const own = await EmbeddingLayer.from(files, { dtype: 'f16' }); // files in hand: also a File[], or an object

//# EmbeddingLayer.encode
layer.encode('It is raining'); // Float32Array(256)
const vectors = layer.encode(['It is raining', 'Wet weather'], { normalize: true, dimensions: 128 });
vectors.shape; //= [2, 128]

//# EmbeddingLayer.similarity
layer.similarity('It is raining', 'Wet weather') > 0.5; //= true
layer.similarity(['rain', 'bread'], ['Wet weather', 'to bake', 'a cat']).shape; //= [2, 3]

//# EmbeddingLayer.mostSimilar
layer.mostSimilar({ positive: ['king', 'woman'], negative: ['man'], topn: 2 }); // [{ key, score }, …]

//# EmbeddingLayer.describe
const { kind, vocabSize, dim, dtype, bytes } = layer.describe();
[kind, dim, dtype]; //= ['static', 256, 'i8']

//# EmbeddingLayer.prune
const smaller = await layer.prune({ corpus: ['It is raining', 'Wet weather'] }); // only the tokens that these texts use

//# EmbeddingLayer.save, EmbeddingLayer.saveTo
const saved = await smaller.save({ dtype: 'f16' });
[...saved.keys()]; // the names of a folder that Python's model2vec loads
await smaller.saveTo('./smaller'); // in Node

//# EmbeddingLayer.wordVectors
const words = await layer.wordVectors(); // its tokens as keys
words.mostSimilar('king', { topn: 3 });

//# EmbeddingLayer.embed
const llama = await EmbeddingLayer.fromPretrained('org/name'); // the two ends of a transformer
const ids = [5, 17, 9];
llama.embed(ids).shape; // [3, dim]: what the first block receives

//# EmbeddingLayer.perLayerInputs
const gemma = await EmbeddingLayer.fromPretrained('org/gemma-3n', { perLayerInputs: true }); // Gemma 3n and 4 have such inputs
const { layers, size } = gemma.describe().perLayerInputs;
gemma.perLayerInputs([5, 17]).dim === layers * size; //= true

//# ClassifierHead, ClassifierHead.predict, ClassifierHead.predictProba
const classified = await EmbeddingLayer.fromPretrained('org/classifier'); // with the head that model2vec trained
const { classifier } = classified;
classifier.predict(['one text', 'another']).length; //= 2
classifier.predictProba('one text').length === classifier.labels.length; //= true

//# EmbeddingLayer.rotaryOf
llama.rotaryOf()?.type; //= 'default'

//# EmbeddingLayer.dispose
smaller.dispose(); // frees its memory; `using layer = …` does the same at the end of its block
own.dispose();

//# EmbeddingTable, EmbeddingTable.from
import { EmbeddingTable, Matrix } from 'wembed';

const table = await EmbeddingTable.from(Float32Array.of(1, 0, 0, 1, 1, 1), { rows: 3, dim: 2, dtype: 'f32' });

//# EmbeddingTable.lookup
table.lookup([2, 0, 2]).toArray(); //= [[1, 1], [1, 0], [1, 1]]
table.lookup([2], { into: new Float32Array(2) }); // into memory of yours

//# EmbeddingTable.row
[...table.row(1)]; //= [0, 1]

//# EmbeddingTable.bag
table.bag([0, 1, 2], [0, 2, 3], { mode: 'sum' }).toArray(); //= [[1, 1], [1, 1]]

//# EmbeddingTable.products
[...table.products([2, 3])]; //= [2, 3, 5]

//# EmbeddingTable.nearest
table.nearest([2, 3], 1, { metric: 'cosine' }).ids[0]; //= 2

//# EmbeddingTable.quantize, EmbeddingTable.quantizationError
const fewerBits = table.quantize('i8');
fewerBits.quantizationError(table).max; //= 0.00

//# EmbeddingTable.dispose
fewerBits.dispose(); // its memory is free; the next use is an error of code `disposed`

//# Matrix
const matrix = new Matrix(Float32Array.of(1, 2, 3, 4), 2, 2);
[matrix.rows, matrix.dim, matrix.shape]; //= [2, 2, [2, 2]]

//# Matrix.row
[...matrix.row(1)]; //= [3, 4]

//# Matrix.toArray, Matrix.toJSON
matrix.toArray(); //= [[1, 2], [3, 4]]
JSON.stringify(matrix); //= '[[1,2],[3,4]]'

//# Matrix.[iterator]
for (const row of matrix) row.length; // each a Float32Array(2)

//# Tokenizer, Tokenizer.from
import { Tokenizer } from 'wembed';

const response = await fetch('https://example.org/models/potion/tokenizer.json');
const tokenizer = await Tokenizer.from(await response.json()); // or its bytes, or its text
tokenizer.vocabSize > 1000; //= true

//# Tokenizer.fromPretrained
const ofHub = await Tokenizer.fromPretrained('org/name'); // without the model's weights

//# Tokenizer.encode
const { tokens, offsets } = tokenizer.encode('The cat sat', { offsets: true });
tokens; //= ['the', 'cat', 'sat']
offsets[2]; //= [8, 11]

//# Tokenizer.encodeBatch
tokenizer.encodeBatch(['The cat sat', 'Cat']).map((each) => each.length); //= [3, 1]

//# Tokenizer.decode
tokenizer.decode(tokenizer.encode('The cat sat').ids); //= 'the cat sat'

//# Tokenizer.count, Tokenizer.isWithinLimit
tokenizer.count('The cat sat'); //= 3
tokenizer.isWithinLimit('The cat sat', 8192); //= 3
tokenizer.isWithinLimit('The cat sat', 2); //= false

//# Tokenizer.tokenToId, Tokenizer.idToToken
tokenizer.idToToken(tokenizer.tokenToId('rain')); //= 'rain'

//# Tokenizer.save
const compiled = await tokenizer.save(); // to be loaded in milliseconds
(await Tokenizer.from(compiled)).count('The cat sat'); //= 3

//# encodePair
import { encodePair } from 'wembed';

const pair = encodePair(tokenizer, 'The cat sat', 'The dog ran', { addSpecialTokens: true });
pair.typeIds.length === pair.ids.length; //= true

//# DecodeStream, DecodeStream.add, DecodeStream.end
import { DecodeStream } from 'wembed';

const stream = new DecodeStream(tokenizer);
let text = '';
for (const id of tokenizer.encode('The cat sat').ids) text += stream.add(id); // as a model writes them
text + stream.end(); //= 'the cat sat'

//# Tokenizer.dispose
ofHub.dispose(); // frees its memory

//# LanguageModelHead, TiedHead, LanguageModelHead.logits
import { LanguageModelHead } from 'wembed'; // also called TiedHead

const head = new LanguageModelHead(table, { scale: 0.5 });
[...head.logits([2, 3])]; //= [1, 1.5, 2.5]

//# LanguageModelHead.topK
const best = head.topK([2, 3], 2);
[...best.ids]; //= [2, 1]
best.probs[0]; //= 0.63

//# LanguageModelHead.sample
head.sample([2, 3], { temperature: 0.8, topK: 40, topP: 0.95, seed: 7 }); // an id

//# LanguageModelHead.logProbs
head.logProbs([2, 3], [2])[0]; //= -0.46

//# LanguageModelHead.crossEntropy, LanguageModelHead.perplexity
head.crossEntropy([2, 3], [2]); //= 0.46
head.perplexity([2, 3], [2]); //= 1.59

//# LanguageModelHead.dispose
head.dispose(); // its own memory; the table stays

//# RotaryPositions, RotaryPositions.fromConfig, RotaryPositions.layerTypes
import { RotaryPositions } from 'wembed';

const address = 'https://huggingface.co/org/name/resolve/main/config.json';
const config = await (await fetch(address)).json();
const rotary = RotaryPositions.fromConfig(config);
RotaryPositions.layerTypes(config); //= []

//# RotaryPositions.from, RotaryPositions.fromParameters
const small = RotaryPositions.from({ headDim: 4, theta: 10_000 });

//# RotaryPositions.rotate
const q = Float32Array.of(1, 0, 0, 0);
const turned = small.rotate(q, { positions: [3], heads: 1 }); // (1, 1, 4)
small.rotate(turned, { positions: [3], inverse: true })[0]; //= 1.00

//# RotaryPositions.frequencies
[...small.frequencies()]; //= [1, 0.01]

//# RotaryPositions.fromCaches
const caches = { cos: Float32Array.of(1, 0), sin: Float32Array.of(0, 1) }; // two positions, one pair
[...RotaryPositions.fromCaches(caches, { headDim: 2 }).rotate(Float32Array.of(1, 2), { positions: [1] })]; //= [-2, 1]

//# LearnedPositions, LearnedPositions.lookup
import { LearnedPositions } from 'wembed';

const learned = new LearnedPositions(table, { offset: 1 });
learned.lookup([0, 1]).toArray(); //= [[0, 1], [1, 1]]

//# LearnedPositions.positionsOf
[...learned.positionsOf([8, 8, 8])]; // the position of each token

//# SinusoidalPositions, SinusoidalPositions.lookup, SinusoidalPositions.positionsOf
import { SinusoidalPositions } from 'wembed';

const waves = new SinusoidalPositions({ dim: 512 });
waves.lookup([0, 1, 2]).shape; //= [3, 512]
[...waves.positionsOf([8, 8, 8])]; //= [0, 1, 2]

//# AlibiBias, AlibiBias.bias
import { AlibiBias } from 'wembed';

new AlibiBias(8).bias([0, 1], [0, 1]).length; //= 32

//# inspect
import { inspect } from 'wembed';

const info = await inspect('org/name'); // from headers alone
info.layer.download; // bytes that EmbeddingLayer.fromPretrained would read

//# RemoteTable, RemoteTable.fromPretrained, RemoteTable.open
import { RemoteTable } from 'wembed';

const remote = await RemoteTable.fromPretrained('org/name', { tensor: 'model.embed_tokens.weight' });

//# RemoteTable.lookup
(await remote.lookup([5, 17, 5])).rows; //= 3
remote.cachedRows; // kept here, so that they are fetched once

//# RemoteTable.from
const weights = await fetch('https://example.org/models/potion/model.safetensors');
const blob = await weights.blob(); // or a File from a file picker, which is read in parts
const local = await RemoteTable.from(blob, { tensor: 'embeddings' });

//# RemoteTable.dispose
remote.dispose(); // forgets its rows
local.dispose();

//# isCached, clearCache
import { clearCache, isCached } from 'wembed';

await isCached('org/name');
await clearCache('org/name'); // without an argument: everything

//# env
import { env } from 'wembed';

env.assets; // where the package's files are: '/assets/', or the files themselves
env.attempts = 5; // of a request that fails for a moment

//# configure
import { configure } from 'wembed';

configure({}); // the same as settings of env.wasm

//# readGguf
import { readGguf } from 'wembed';

const gguf = await fetch('https://example.org/models/llama.gguf');
const { metadata } = await readGguf(await gguf.blob()); // a file's header
metadata.get('general.architecture'); // 'llama' …

//# WembedError
import { WembedError } from 'wembed';

try {
  table.lookup([99]);
} catch (error) {
  error instanceof WembedError; //= true
  error.code; //= 'id_out_of_range'
}

//# WordVectors, WordVectors.fromPretrained, WordVectors.load
import { WordVectors } from 'wembed';

const glove = await WordVectors.fromPretrained('glove.6B.100d.txt', { limit: 100_000 }); // a path in Node, an address, a File
glove.vectorSize; //= 100

//# WordVectors.from
const three = new Float32Array([3, 4, 4, 3, -3, 4]); // (3, 2)
const wv = await WordVectors.from(['a', 'b', 'c'], three);

//# WordVectors.get, WordVectors.vector, WordVectors.vectors
[...wv.get('a')]; //= [3, 4]
wv.vectors(['a', 'c']).toArray(); //= [[3, 4], [-3, 4]]

//# WordVectors.has
wv.has('d'); //= false

//# WordVectors.mostSimilar, WordVectors.mostSimilarCosmul
wv.mostSimilar('a', { topn: 1 })[0].key; //= 'b'
glove.mostSimilarCosmul({ positive: ['king', 'woman'], negative: ['man'] }); // [{ key, score }, …]

//# WordVectors.similarByKey, WordVectors.similarByVector
wv.similarByKey('a', { topn: 1 })[0].key; //= 'b'
wv.similarByVector([-1, 1], { topn: 1 })[0].key; //= 'c'

//# WordVectors.similarity, WordVectors.distance, WordVectors.distances
wv.similarity('a', 'b'); //= 0.96
wv.distance('a', 'b'); //= 0.04
[...wv.distances('a', ['a', 'b'])].length; //= 2

//# WordVectors.nSimilarity
wv.nSimilarity(['a'], ['b', 'c']); // cosine of the means

//# WordVectors.rank, WordVectors.closerThan
wv.rank('a', 'c'); //= 2
wv.closerThan('a', 'c'); //= ['b']

//# WordVectors.doesntMatch
wv.doesntMatch(['a', 'b', 'c']); //= 'c'

//# WordVectors.getMeanVector
wv.getMeanVector(['a', 'b'], { preNormalize: false }).length; //= 2

//# WordVectors.vectorsForAll
(await wv.vectorsForAll(['a', 'c'])).indexToKey; //= ['a', 'c']

//# WordVectors.evaluateWordAnalogies, WordVectors.evaluateWordPairs
(await wv.evaluateWordAnalogies(': letters\na b a c\n')).sections.length; //= 2
(await wv.evaluateWordPairs('a\tb\t9\na\tc\t1\nb\tc\t2\n')).oov; //= 0

//# WordVectors.describe
wv.describe().length; //= 3

//# WordVectors.dispose
wv.dispose(); // frees its memory

//# LearnedPositions.dispose
learned.dispose(); // and its table with it
