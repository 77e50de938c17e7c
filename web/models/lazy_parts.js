import { importFailed } from '../core/import_failed.js';

/** What few pages need, loaded where it is needed: the import() stands once, as bundlers add to each what it loads. */
export const lazyParts = () => import('./lazy.js').catch(importFailed);
