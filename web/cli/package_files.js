// What lies beside web/ in the package.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package's folder. */
export const PACKAGE = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** @returns {string} of the package */
export const version = () => JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')).version;
