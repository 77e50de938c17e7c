// Writes the table of model types in docs/FORMATS.md: node tools/families_table.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withTable } from '../tests/support/families_table.js';
import { ROOT } from './run.mjs';

const path = join(ROOT, 'docs/FORMATS.md');
writeFileSync(path, withTable(readFileSync(path, 'utf8')));
