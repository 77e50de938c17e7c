// What the name of a file says.

/** How llama.cpp names the parts of a model that it has split. */
export const GGUF_PART = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/i;

/**
 * Whether a file's name, which may have a query, says that it is GGUF.
 * @param {string} file
 */
export const isGguf = (file) => /\.gguf(\?.*)?$/i.test(file);

/** @param {string} model @param {number} number @param {string} count */
export const partName = (model, number, count) => `${model}-${String(number).padStart(5, '0')}-of-${count}.gguf`;
