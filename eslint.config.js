import js from '@eslint/js';
import globals from 'globals';

export default [
  { ignores: ['bench/.venv/', 'bench/peers/*/target/', 'dist/', 'build/', 'coverage/', '.cache/'] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2024, sourceType: 'module', globals: globals['shared-node-browser'] },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
      'prefer-const': 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
    },
  },
  { files: ['web/workers/**'], languageOptions: { globals: { Worker: 'readonly' } } },
  { files: ['web/cli/**'], languageOptions: { globals: globals.node } },
  { files: ['web/demo/**'], languageOptions: { globals: globals.browser } },
  { files: ['tools/**', 'bench/**', 'examples/**', '*.js'], languageOptions: { globals: globals.node } },
  {
    // Examples define what a reader may use, and use what the tests define.
    files: ['docs/reference/**'],
    rules: { 'no-unused-vars': 'off', 'no-undef': 'off' },
  },
  {
    // Functions that a test hands to the browser see the page's globals.
    files: ['tests/**'],
    languageOptions: { globals: { ...globals.node, ...globals.jest, ...globals.browser } },
  },
];
