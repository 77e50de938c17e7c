// Written by tools/boundary.mjs from cpp/bindings/boundary.txt.

/**
 * The core's functions, and those of its memory. Addresses and counts are numbers.
 * @typedef {object} Core
 * @property {() => number} errorWhat Why the last call that returned a code other than ok failed: a C string.
 * @property {() => number} errorValue The offending number.
 * @property {() => number} errorLimit The limit it exceeded.
 * @property {() => number} errorIndex Its index in the argument; below 0 if there is no index.
 * @property {() => number} takeOutOfMemory Bytes that the trapped call requested; 0 if it trapped for another reason. Reading it resets it to 0.
 * @property {(dtype: number, rows: number, dim: number, perRowScales: boolean, vocab: number, tokenWeights: boolean, tokenMapping: boolean) => number} tableCreate 0 on failure
 * @property {(table: number) => void} tableFree
 * @property {(table: number) => number} tableData For writing. Drops cached facts about the numbers: call it again before every write.
 * @property {(table: number) => number} tableDataToRead The same address, for reading: keeps the cached facts.
 * @property {(table: number) => number} tableRowScales As tableData
 * @property {(table: number) => number} tableBlockScales As tableData
 * @property {(table: number) => number} tableTokenWeights
 * @property {(table: number) => number} tableTokenMapping
 * @property {(table: number, scale: number) => void} tableSetScale
 * @property {(table: number, rows: number) => void} tableTruncate
 * @property {(table: number) => number} tableCheckTokens
 * @property {(table: number, dtype: number, data: number, rows: number, scale: number, first: number) => number} tableStore
 * @property {(table: number, from: number) => number} tableConvert
 * @property {(table: number, first: number, n: number, out: number) => number} tableSquaredLengths out: (n) f64, of the stored rows
 * @property {(table: number, original: number, out: number) => number} tableCompare out: largest difference, root mean square, mean cosine, f64
 * @property {(table: number, ids: number, n: number, out: number) => number} tableLookup
 * @property {(table: number, ids: number, n: number, offsets: number, bags: number, mode: number, perSampleWeights: number, paddingIdx: number, out: number) => number} tableBag
 * @property {(table: number, x: number, n: number, out: number) => number} tableProducts out: (n, rows) f32
 * @property {(table: number, ids: number, n: number, x: number, out: number) => number} tableProductsOf of one x with some rows; out: (n) f32
 * @property {(table: number, x: number, n: number, k: number, metric: number, out: number) => number} tableNearest out: ids (n, k) u32, scores (n, k) f32
 * @property {(k: number, cosine: boolean) => void} rowsStart
 * @property {(table: number, x: number, n: number, scales: number, live: number, first: number) => number} rowsTake scales: (n) f32 or 0; live: (n) u8
 * @property {(out: number) => number} rowsFound how many; out: the address of their scores and numbers, f32 and u32, valid until the next call
 * @property {(bias: number, rows: number, scale: number, softcap: number, out: number) => number} headCreate out: the head, 0 on failure
 * @property {(head: number) => void} headFree
 * @property {(head: number, table: number, hidden: number, n: number, out: number) => number} headLogits
 * @property {(head: number, table: number, hidden: number, n: number, k: number, out: number) => number} headTopK out: ids, scores, probabilities, (n, k) each
 * @property {(head: number, table: number, hidden: number, temperature: number, topK: number, topP: number, minP: number, u: number, out: number) => number} headSample out: an id
 * @property {(head: number, table: number, hidden: number, n: number, targets: number, out: number) => number} headLogProbs out: score, largest score and Σ e^(score - largest) of each, f64
 * @property {(spec: number, size: number, out: number) => number} textCreate out: the tokenizer, 0 on failure
 * @property {(text: number) => void} textFree
 * @property {(text: number) => number} textVocabSize
 * @property {(text: number) => number} textUnkId kNoId if there is none
 * @property {(text: number) => number} textMedianTokenLength
 * @property {(text: number, utf8: number, size: number, flags: number, maxIds: number, out: number) => number} textEncode out: address of the ids, their number, address of the spans
 * @property {(units: number, n: number, out: number) => number} textUtf8 of UTF-16; out has room for 3 bytes a unit and 16. How many bytes were written
 * @property {(units: number, n: number) => number} textUtf8Room how many bytes of UTF-8 they have at most
 * @property {(text: number, utf8: number, ends: number, n: number, flags: number, maxCodePoints: number, maxIds: number, out: number) => number} textEncodeBatch out: address of the ids, their number, address of the end of each text's ids
 * @property {(text: number, ids: number, n: number) => void} textTakeLiterally Special tokens that are text like any other from now on.
 * @property {(text: number, ids: number, n: number, skipSpecialTokens: boolean, out: number) => void} textDecode out: address of the UTF-8, its bytes
 * @property {(text: number, id: number, out: number) => void} textToken out: address of the UTF-8 or 0, its bytes
 * @property {(text: number, table: number, utf8: number, ends: number, n: number, maxCodePoints: number, maxIds: number, mode: number, dimensions: number, epsilon: number, finite: number, out: number) => number} textEncodePooled
 * @property {(json: number, size: number, out: number) => number} findVocab out: begin and end
 * @property {(json: number, size: number, out: number) => number} writeVocabSection the number of bytes written; 0 if it cannot
 * @property {(file: number, size: number, out: number) => number} writeRanksSection of a tiktoken file; out has room for 3 bytes a byte and 64. How many bytes were written; 0 where it cannot
 * @property {() => number} listsCreate a vocabulary with the merges of BPE or the scores of Unigram, to be read from a file of any kind; what returns false or kNoId cannot
 * @property {(lists: number, json: number, size: number, last: boolean) => number} listsReadJson the next bytes of a tokenizer.json, which are written to. How many are done with; kNoId where it cannot
 * @property {(lists: number, json: number, size: number) => number} listsReadVocab vocab.json
 * @property {(lists: number, strings: number, size: number, n: number) => number} listsReadStrings the tokens of a GGUF file: a u64 length before each
 * @property {(lists: number, model: number, size: number) => number} listsReadPieces a SentencePiece model; what is no piece moves to its beginning
 * @property {(lists: number, strings: number, size: number, n: number) => number} listsMergeStrings the merges of a GGUF file, which are written to
 * @property {(lists: number, lines: number, size: number) => number} listsMergeLines merges.txt, which is written to
 * @property {(lists: number, order: number, scores: number) => number} listsMergeBy order: Lists::Order (cpp/text/lists.h); scores: f32 of each token, 0: those that were read with them
 * @property {(lists: number, out: number) => void} listsFound out: begin and end of the vocabulary and of the merges in a tokenizer.json, tokens, their bytes, merges, the bytes that are no piece, addresses of offsets, ids, bytes, merges, scores (f64), types (u8)
 * @property {(lists: number, utf8: number, size: number) => number} listsId of a token; kNoId if there is none
 * @property {(lists: number) => void} listsFree
 * @property {(x: number, n: number, dim: number, epsilon: number) => void} normalize
 * @property {(a: number, b: number, dim: number) => number} cosine
 * @property {(x: number, n: number, dim: number, weight: number, bias: number, epsilon: number) => void} layerNorm
 * @property {(x: number, n: number, heads: number, headDim: number, pairs: number, interleaved: boolean, cos: number, sin: number) => void} rotary
 * @property {(x: number, n: number, dim: number, signs: number, details: number) => void} signsStore x: (n, dim) f32, rotated in place; signs: (n, dim bits rounded up to a multiple of 16 bytes); details: (n, as many bytes, f32)
 * @property {(dim: number, most: number) => void} signsStart
 * @property {(signs: number, details: number, n: number, x: number, live: number) => void} signsTake the next kSignRows rows, or the last
 * @property {(x: number, k: number, out: number) => number} signsBest x: rotated; as rowsFound
 * @property {() => number} randomSeed Another one at each call.
 * @property {(a: number, b: number, n: number, m: number, dim: number, out: number) => void} trainProducts out: (n, m) a · bᵀ
 * @property {(g: number, b: number, n: number, m: number, dim: number, out: number) => void} trainAddProducts out: (n, dim) += g · b, g: (n, m)
 * @property {(g: number, a: number, n: number, m: number, dim: number, out: number) => void} trainAddOuterProducts out: (m, dim) += gᵀ · a, g: (n, m)
 * @property {(scores: number, targets: number, n: number, m: number, scale: number) => number} trainSoftmaxLoss the sum of the losses; the scores become scale times their gradient. Each target < m
 * @property {(counts: number, words: number, integers: number, numbers: number, out: number) => number} word2vecCreate integers: vectorSize, window, negative, sg, hs, cbowMean, shrinkWindows, seed, u32; numbers: sample, nsExponent, f64; out: the model, 0 on failure
 * @property {(model: number) => void} word2vecFree
 * @property {(model: number) => void} word2vecRestart as it was created
 * @property {(model: number) => number} word2vecVectors (words, stride) f32
 * @property {(model: number) => number} word2vecOutputs (layers, words, stride) f32
 * @property {(model: number, ids: number, ends: number, sentences: number, alpha: number, epoch: number, batch: number, out: number) => number} word2vecTrain out: loss, examples, words, f64
 * @property {() => number} stackSave
 * @property {(top: number) => void} stackRestore
 * @property {(bytes: number) => number} _malloc
 * @property {(address: number) => void} _free
 */

export {};
