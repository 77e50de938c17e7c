// What saves and loads: read when it is first needed.
export { loadFrom, writeTo } from './stores.js';
