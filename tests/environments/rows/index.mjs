import { BUNDLERS } from './bundlers.mjs';
import { NODE } from './node.mjs';
import { PAGES } from './pages.mjs';

/** @type {import('../project.mjs').Row[]} in the order of docs/ENVIRONMENTS.md */
export const ROWS = [...NODE, ...BUNDLERS, ...PAGES];
