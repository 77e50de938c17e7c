//# WordVectors
import { WordVectors } from 'wembed/words';

const wv = await WordVectors.from(['a', 'b'], Float32Array.of(3, 4, 4, 3));
wv.similarity('a', 'b'); //= 0.96
