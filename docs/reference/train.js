//# trainWordVectors
import { trainWordVectors } from 'wembed/train';

const texts = ['the king rules the land', 'the queen rules the land', 'a cat eats a mouse', 'a dog eats a bone'];
const words = await trainWordVectors(texts, { vectorSize: 16, minCount: 1, sg: 1, epochs: 20, seed: 1 });
words.vectorSize; //= 16

//# WordVectorTrainer, WordVectorTrainer.create
import { WordVectorTrainer } from 'wembed/train';

const options = { vectorSize: 16, minCount: 1, epochs: 2, seed: 1 };
const trainer = await WordVectorTrainer.create(texts, options);

//# WordVectorTrainer.train
await trainer.train({ onProgress: (progress) => {} }); //= true

//# WordVectorTrainer.vectors, WordVectorTrainer.wordVectors
trainer.vectors(['king', 'queen']).shape; //= [2, 16]
(await trainer.wordVectors({ dtype: 'f16' })).has('king'); //= true

//# WordVectorTrainer.checkpoint, WordVectorTrainer.resume
const checkpoint = trainer.checkpoint(); // of a run that is to go on later
const resumed = await WordVectorTrainer.resume(checkpoint, texts, options);

//# WordVectorTrainer.dispose
trainer.dispose(); // frees its memory
resumed.dispose();

//# wordLayer
import { wordLayer } from 'wembed/train';

const ofWords = await wordLayer(words); // texts of these words → vectors
ofWords.encode('the king rules').length; //= 16

//# buildVocabulary, wordsOf
import { buildVocabulary, wordsOf } from 'wembed/train';

wordsOf('The king rules.'); // as training splits a text
(await buildVocabulary(texts, { minCount: 2 })).words.includes('king'); //= false

//# adapt
import { loadMini } from 'wembed/mini';
import { adapt } from 'wembed/train';

const layer = await loadMini({ dtype: 'f32' });
const pairs = [
  ['how wet is it', 'It is raining'],
  ['who sleeps', 'The cat sleeps'],
];
const adapted = await adapt(layer, { pairs }, { epochs: 1, seed: 1 }); // questions nearer to their answers

//# distil
import { distil } from 'wembed/train';

const lines = ['It is raining', 'The cat sleeps'];
const targets = layer.encode(lines); // or what a larger model makes of them
await distil(layer, { texts: lines, targets }, { similarityWeight: 10, klWeight: 0.5, epochs: 1 });

//# trainClassifier, TextClassifier
import { trainClassifier } from 'wembed/train';

const learnt = await trainClassifier(layer, { texts: ['soup', 'bread', 'loan', 'bank'], labels: ['f', 'f', 'm', 'm'] });

//# TextClassifier.predict, TextClassifier.scores
learnt.predict(['roast potatoes'])[0].label; //= 'f'
learnt.scores(['roast potatoes']).shape; //= [1, 2]

//# trainTiedLM, TiedLM
import { trainTiedLM } from 'wembed/train';

const model = await trainTiedLM(texts, { minCount: 1, epochs: 2, seed: 1 });

//# TiedLM.generate
model.generate('the king', { length: 3, seed: 1 }).length; //= 3

//# TiedLM.perplexity
await model.perplexity(texts); // the lower, the better it knows them

//# TiedLM.toTable
await model.toTable(); // the rows of its words

//# TiedLM.save, TiedLM.from
import { TiedLM } from 'wembed/train';

const again = await TiedLM.from(model.save());
again.generate('the king', { length: 3, seed: 1 }).length; //= 3

//# TiedLM.dispose
model.dispose();
again.dispose();

//# Variable, Variable.from
import { Matrix } from 'wembed';
import { Variable, adam } from 'wembed/train';

const table = await Variable.from(new Matrix(new Float32Array(12).fill(0.5), 4, 3));

//# Variable.lookup, Variable.lookupBackward
const rows = table.lookup([0, 2]);
table.lookupBackward([0, 2], rows); // of a loss of ½ · the sum of squares

//# Variable.gradient
[...table.gradient().ids]; //= [0, 2]

//# adam, adagrad, sgd
import { adagrad, sgd } from 'wembed/train';

sgd({ rate: 0.1 }).step([table]); // or adam, adagrad: the rows with a gradient change
table.lookup([0]).data[0]; //= 0.45

//# Variable.clearGradient
table.clearGradient();

//# Variable.bag, Variable.bagBackward
const bags = table.bag([0, 1, 2], [0, 2, 3], { mode: 'mean' });
table.bagBackward([0, 1, 2], [0, 2, 3], bags, { mode: 'mean' });

//# schedule
import { schedule } from 'wembed/train';

const optimiser = adam({ rate: schedule({ rate: 0.1, steps: 100, warmup: 10 }) });
optimiser.step([table]);

//# Variable.update
table.update((row, gradient) => row.forEach((_, d) => (row[d] -= 0.1 * gradient[d]))); // a rule of your own

//# logits, crossEntropy
import { crossEntropy, logits } from 'wembed/train';

const hidden = new Matrix(Float32Array.of(1, 0, 0), 1, 3);
logits(table, hidden).shape; //= [1, 4]
crossEntropy(table, hidden, [2]).loss > 0; //= true

//# logitsBackward
import { logitsBackward } from 'wembed/train';

logitsBackward(table, hidden, new Matrix(Float32Array.of(1, 0, 0, -1), 1, 4)).shape; //= [1, 3]

//# sampledCrossEntropy, negativeSampling
import { negativeSampling, sampledCrossEntropy } from 'wembed/train';

negativeSampling(table, hidden, [2], [0, 3]).gradient.shape; //= [1, 3]
sampledCrossEntropy(table, hidden, [2], { ids: [0, 2], offsets: [0, 0] }).gradient.shape; //= [1, 3]

//# infoNce, distance
import { distance, infoNce } from 'wembed/train';

infoNce(table.lookup([0, 1]), table.lookup([2, 3])).queryGradient.shape; //= [2, 3]
distance(table.lookup([0]), hidden, 'mse').gradient.shape; //= [1, 3]

//# batchSimilarity
import { batchSimilarity } from 'wembed/train';

const teacher = new Matrix(Float32Array.of(1, 0, 0, 1, 1, 1), 3, 2); // of any width: only its cosines count
batchSimilarity(table.lookup([0, 1, 2]), teacher, { klWeight: 0.5 }).gradient.shape; //= [3, 3]

//# Variable.value, Variable.toTable
table.value().shape; //= [4, 3]
(await table.toTable({ dtype: 'f16' })).dtype; //= 'f16'

//# Variable.dispose
table.dispose();

//# DivergedError
import { DivergedError } from 'wembed/train';

// Training whose numbers become infinite ends with it; `lastGood` has the numbers before.
DivergedError.name; //= 'DivergedError'
