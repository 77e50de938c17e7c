import { BUNDLERS } from './bundlers.mjs';
import { EDGE } from './edge.mjs';
import { FRAMEWORKS } from './frameworks.mjs';
import { NODE } from './node.mjs';
import { PAGES } from './pages.mjs';
import { TYPES } from './types.mjs';

/** @type {import('../project.mjs').Row[]} in the order of docs/ENVIRONMENTS.md */
export const ROWS = [...NODE, ...BUNDLERS, ...FRAMEWORKS, ...PAGES, ...EDGE, ...TYPES];
