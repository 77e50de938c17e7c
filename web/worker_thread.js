// `wembed/worker-thread`: what the script of a worker of your own calls.
export { WembedError } from './core/errors.js';
export { serveWorker } from './workers/serve.js';

/** @typedef {import('./workers/methods.js').LoadLayer} LoadLayer */
/** @typedef {import('./workers/serve.js').ServeOptions} ServeOptions */
