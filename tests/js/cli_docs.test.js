// docs/CLI.md is what the commands print.
import { cliPage } from '../../tools/cli_docs.mjs';
import { readSource } from '../support/sources.js';

test('docs/CLI.md is what tools/cli_docs.mjs writes: run it, and look at what has changed', () => {
  expect(readSource('docs/CLI.md')).toBe(cliPage());
});
