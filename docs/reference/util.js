//# cosSim, dotScore
import { Matrix, cosSim, dotScore } from 'wembed/util';

const a = new Matrix(Float32Array.of(3, 4, 4, 3), 2, 2);
const b = new Matrix(Float32Array.of(3, 4), 1, 2);
cosSim(a, b).toArray(); //= [[1.00], [0.96]]
dotScore(a, b).toArray(); //= [[25], [24]]

//# pairwiseCosSim, pairwiseDotScore
import { pairwiseCosSim, pairwiseDotScore } from 'wembed/util';

[...pairwiseCosSim(a, a)]; //= [1.00, 1.00]
[...pairwiseDotScore(a, a)]; //= [25, 25]

//# semanticSearch
import { semanticSearch } from 'wembed/util';

(await semanticSearch(b, a, { topK: 1 }))[0][0].corpusId; //= 0

//# truncateDim
import { truncateDim } from 'wembed/util';

truncateDim(a, 1).toArray(); //= [[3], [4]]

//# quantizeEmbeddings
import { quantizeEmbeddings } from 'wembed/util';

quantizeEmbeddings(new Matrix(new Float32Array(16).fill(1), 2, 8), 'ubinary').length; //= 2

//# duplicates
import { loadMini } from 'wembed/mini';
import { duplicates } from 'wembed/util';

const layer = await loadMini();
const texts = ['How do I water a cactus?', 'how do I water a cactus', 'Stocks fell on Monday'];
(await duplicates(layer, texts, { threshold: 0.9 })).kept; //= [0, 2]

//# duplicateEmbeddings
import { duplicateEmbeddings } from 'wembed/util';

const vectors = layer.encode(texts);
(await duplicateEmbeddings(vectors, { threshold: 0.9 })).kept; //= [0, 2]

//# paraphraseMining, paraphraseMiningEmbeddings
import { paraphraseMining, paraphraseMiningEmbeddings } from 'wembed/util';

const [[score, i, j]] = await paraphraseMining(layer, texts, { maxPairs: 1 });
[i, j]; //= [0, 1]
(await paraphraseMiningEmbeddings(vectors)).length; //= 3

//# communityDetection
import { communityDetection } from 'wembed/util';

(await communityDetection(vectors, { threshold: 0.9, minCommunitySize: 2 }))[0].length; //= 2

//# classify
import { classify } from 'wembed/util';

const examples = [
  { text: 'lentil soup with bread', label: 'food' },
  { text: 'interest of a bank loan', label: 'money' },
];
classify(layer, examples, ['roast potatoes'])[0].label; //= 'food'

//# Classifier, Classifier.fit
import { Classifier } from 'wembed/util';

const classifier = Classifier.fit(layer.encode(['soup', 'bread', 'loan', 'bank']), ['food', 'food', 'money', 'money']);
classifier.labels; //= ['food', 'money']

//# Classifier.predict, Classifier.scores
classifier.predict(layer.encode(['roast potatoes']))[0].label; //= 'food'
classifier.scores(layer.encode(['roast potatoes'])).shape; //= [1, 2]

//# Classifier.toJSON, Classifier.from
const stored = JSON.stringify(classifier);
Classifier.from(JSON.parse(stored)).dim; //= 256

//# pca, PrincipalComponents, PrincipalComponents.transform
import { pca } from 'wembed/util';

const components = pca(vectors, { components: 2 });
components.transform(vectors).shape; //= [3, 2]

//# npy
import { npy } from 'wembed/util';

npy(vectors); // a file that NumPy loads

//# jsonLines
import { VectorIndex } from 'wembed/search';
import { jsonLines } from 'wembed/util';

const index = await VectorIndex.create({ layer });
index.add([{ id: 1, text: 'It is raining' }]);
[...jsonLines(index)].length; //= 1

//# parquet
import { parquet } from 'wembed/util';

const parts = [...parquet(index)]; // an index, as above; bytes that one after the other make a file
parts[0].length; //= 4
