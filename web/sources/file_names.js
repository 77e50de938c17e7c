// What a file's name says about its content.

/** llama.cpp's names for the parts of a split model. */
export const GGUF_PART = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/i;

/**
 * Whether a file's name, with or without a query, is that of a GGUF file.
 * @param {string} file
 */
export const isGguf = (file) => /\.gguf(\?.*)?$/i.test(file);

/** @param {string} model @param {number} number @param {string} count */
export const partName = (model, number, count) => `${model}-${String(number).padStart(5, '0')}-of-${count}.gguf`;
