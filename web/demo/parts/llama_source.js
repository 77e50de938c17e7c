import source from '../../../examples/llama/llama.js?raw';

/** The text of examples/llama/llama.js, for the code of the section that runs it. @type {string} */
export const LLAMA_SOURCE = source;
