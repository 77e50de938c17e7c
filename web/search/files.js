// What saves and loads: read when it is first needed.
export { readIndex } from './index_reader.js';
export { readFrom, writeTo } from './stores.js';
